"""Calibration orchestrator under the import path of the original."""

from qdash_core.session.orchestrator import CalibOrchestrator

__all__ = ["CalibOrchestrator"]
