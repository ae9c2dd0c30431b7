"""Shared measurement and analysis code of tasks: rounds, searches, windows, signals, verdicts."""
