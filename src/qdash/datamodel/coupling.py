"""Couplings under the import path of the original."""

from qdash_core.models.chip import CouplingModel

__all__ = ["CouplingModel"]
