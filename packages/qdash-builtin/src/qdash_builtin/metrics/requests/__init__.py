"""Requests of metrics."""
