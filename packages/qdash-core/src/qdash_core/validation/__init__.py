"""Validation of task results."""
