"""Qubits under the import path of the original."""

from qdash_core.models.chip import QubitModel

__all__ = ["QubitModel"]
