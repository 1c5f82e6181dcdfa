"""Measures of speed and memory: `make bench`, or `python -m bench --sizes 62 1000`."""
