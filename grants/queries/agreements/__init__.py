"""Agreements over several years, as their pages show them."""
