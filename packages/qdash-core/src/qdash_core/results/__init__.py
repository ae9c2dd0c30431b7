"""Recorded task results: search, figures, raw data and refits."""
