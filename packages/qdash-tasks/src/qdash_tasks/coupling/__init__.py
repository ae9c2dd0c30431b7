"""The standard tasks on two coupled qubits."""
