"""Everything about one project, as those who instruct read it."""
