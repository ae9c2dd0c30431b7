"""Rendering of metrics."""
