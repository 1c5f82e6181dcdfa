"""Calls, as anybody may read them."""
