"""A year's programming as committees have it: its versions, and its validation."""
