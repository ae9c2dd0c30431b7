"""Standard tasks on one qubit."""
