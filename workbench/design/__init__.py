"""Mistakes of design: a file that can be read, and doesn't say what its writer meant."""
