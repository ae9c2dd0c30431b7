"""Bring-up under the import path of the original."""

from qdash_core.flows.steps import BringUp

__all__ = ["BringUp"]
