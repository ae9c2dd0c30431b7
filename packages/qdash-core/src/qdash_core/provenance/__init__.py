"""Provenance of values: their origins and uses."""
