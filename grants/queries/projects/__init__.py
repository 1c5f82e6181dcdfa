"""The list of projects, what it may be filtered by, and actions on many."""
