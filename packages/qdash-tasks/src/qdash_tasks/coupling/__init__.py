"""Standard tasks on two coupled qubits."""
