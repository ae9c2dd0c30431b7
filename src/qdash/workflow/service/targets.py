"""Targets of a flow."""

from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets

__all__ = ["AllMuxTargets", "CouplingTargets", "MuxTargets", "QubitTargets"]
