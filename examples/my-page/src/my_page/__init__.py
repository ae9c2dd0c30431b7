"""A page of the dashboard with the qubits that relax first."""
