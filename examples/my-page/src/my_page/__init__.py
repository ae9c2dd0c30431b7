"""A dashboard page with the qubits of the shortest T1."""
