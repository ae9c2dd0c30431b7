"""Code that depends on qubex's internals: another release of it needs another edition of this package."""
