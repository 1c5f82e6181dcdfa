"""Files received from people: what they are, and where they are kept."""
