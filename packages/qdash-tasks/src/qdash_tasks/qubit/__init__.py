"""The standard tasks on one qubit."""
