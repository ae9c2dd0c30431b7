"""Rendering of runs."""
