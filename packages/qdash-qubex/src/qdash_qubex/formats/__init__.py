"""Files of qubex as formats of `qdash import` and `qdash export`."""
