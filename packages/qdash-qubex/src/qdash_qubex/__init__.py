"""Backend of QDash for the qubex library."""
