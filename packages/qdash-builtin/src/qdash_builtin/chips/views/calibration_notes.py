"""View models of the calibration notes of laboratory libraries."""

from __future__ import annotations

from typing import Any

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime


class CalibrationNoteHeader(Document):
    """A calibration note without its contents, as in a list."""

    chip_id: str
    username: str
    execution_id: str
    task_id: OmitEmpty[str] = None
    """Absent for the note at the end of the run."""
    timestamp: UtcDatetime


class CalibrationNoteDocument(CalibrationNoteHeader):
    """A calibration note as the laboratory's library wrote it."""

    note: dict[str, Any]
