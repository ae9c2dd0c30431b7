"""View models of the calibration notes of laboratory libraries."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

_MARK: dict[str, Any] = {
    "chip_id": "a",
    "username": "alice",
    "execution_id": "20261120-003",
    "task_id": "7d4f9a52-0b0e-4a27-9d0f-2f6f2a1f8d11",
    "timestamp": "2026-11-20T08:51:07.104405Z",
}


class CalibrationNoteHeader(Document):
    """A calibration note without its contents, as in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MARK]})

    chip_id: str
    username: str
    execution_id: str
    task_id: OmitEmpty[str] = None
    """Absent for the note at the end of the run."""
    timestamp: UtcDatetime


class CalibrationNoteDocument(CalibrationNoteHeader):
    """A calibration note as the laboratory's library wrote it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_MARK, "note": {"control_amplitude": {"Q00": 0.031}}}]}
    )

    note: dict[str, Any]
