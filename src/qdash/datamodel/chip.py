"""Chips under the import path of the original."""

from qdash_core.models.chip import ChipModel

__all__ = ["ChipModel"]
