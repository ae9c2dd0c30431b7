"""Measurement and analysis shared by tasks: rounds, searches, windows, signals, verdicts."""
