"""The qubex library as a laboratory of QDash."""
