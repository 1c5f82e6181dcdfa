"""A year's programming as rows of figures: table, grid, overview, envelopes, past versions."""
