"""Estimates in, a verdict with reasons out."""
