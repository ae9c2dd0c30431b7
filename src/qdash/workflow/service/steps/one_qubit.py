"""Steps on one qubit under the import path of the original."""

from qdash_core.flows.steps import CustomOneQubit, OneQubitCheck, OneQubitFineTune

__all__ = ["CustomOneQubit", "OneQubitCheck", "OneQubitFineTune"]
