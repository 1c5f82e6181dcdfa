"""What the settings pages list."""
