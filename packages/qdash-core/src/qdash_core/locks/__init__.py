"""Instrument locks, and liveness of their holders."""
