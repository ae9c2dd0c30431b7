"""What doors show: one document, one model."""
