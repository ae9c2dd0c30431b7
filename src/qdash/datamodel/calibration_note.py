"""Calibration notes under the import path of the original."""

from qdash_core.models.execution import CalibrationNoteModel

__all__ = ["CalibrationNoteModel"]
