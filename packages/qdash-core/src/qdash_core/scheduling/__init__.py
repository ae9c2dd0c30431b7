"""Scheduling of simultaneous measurements."""
