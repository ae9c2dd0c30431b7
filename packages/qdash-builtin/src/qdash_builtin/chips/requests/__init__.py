"""Requests of chips."""
