"""Figures: how fast, how large, how many. `make bench` prints one table; docs/figures.md keeps it."""
