"""Provenance of values: what they came from, and what used them."""
