"""Storage of raw data."""
