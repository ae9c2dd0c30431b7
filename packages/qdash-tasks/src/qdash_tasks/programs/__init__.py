"""What tasks share in measuring and analysing: rounds, searches, windows, signals, verdicts."""
