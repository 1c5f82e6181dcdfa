"""Mails: written into the outbox, sent, put off."""
