"""Parsers of external data, with one table of their limits."""
