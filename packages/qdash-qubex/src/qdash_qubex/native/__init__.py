"""The library's own procedures as tasks under the standard names: backend `qubex-native`."""
