"""Campaigns, as anybody may read them."""
