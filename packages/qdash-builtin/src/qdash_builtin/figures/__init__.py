"""Figures as files, and positions of qubits in drawings."""
