"""Procedures of the library as tasks under the standard names: backend `qubex-native`."""
