"""Code that depends on qubex's internals; each supported release of qubex needs its own version."""
