"""Requests of values."""
