"""All that depends on how qubex is made inside: another release of it is another edition of this package."""
