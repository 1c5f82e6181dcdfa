"""Long runs: many processes deciding, a server killed while it writes, fuzzed input."""
