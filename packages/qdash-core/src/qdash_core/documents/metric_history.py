"""View model of the history of a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from qdash_core.metrics.history import HistoryPoint


class HistoryPointDocument(Document):
    """The value of a metric from one task result, with its verdict."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task": "CheckT1",
                    "task_id": "7d4f9a52-0b0e-4a27-9d0f-2f6f2a1f8d11",
                    "execution_id": "20261120-003",
                    "value": 81.5,
                    "error": 1.3,
                    "unit": "us",
                    "calibrated_at": "2026-11-20T08:51:07.104405Z",
                    "start_at": "2026-11-20T08:50:59.104405Z",
                    "verdict": "flagged",
                    "reasons": ["t1 is 81.5 us, and was 120 us"],
                    "saved": True,
                    "simulated": False,
                }
            ]
        }
    )

    task: str
    task_id: str
    execution_id: str
    value: float | int
    error: float | None = None
    """Absent if unknown."""
    unit: str
    calibrated_at: UtcDatetime | None = None
    start_at: UtcDatetime | None = None
    """Start of the task result, which orders the list; for a refit, this is long after the measurement."""
    verdict: Verdict | None = None
    reasons: list[str]
    saved: bool
    """True if the value was eligible as the value in use; a trial run is only recorded."""
    simulated: bool
    """True if it was measured on a simulation of a chip that has another backend."""
    refit_of: str | None = None
    """The task result whose raw data were analysed again."""
    control: str | None = None
    """The control qubit of a coupling."""

    @classmethod
    def from_point(cls, point: HistoryPoint) -> Self:
        """Return the view model of a value of the history."""
        result, parameter = point.result, point.parameter
        return cls(
            task=result.name,
            task_id=result.task_id,
            execution_id=result.execution_id,
            value=parameter.value,
            error=parameter.error,
            unit=parameter.unit,
            calibrated_at=parameter.calibrated_at,
            start_at=result.start_at,
            verdict=result.verdict,
            reasons=result.reasons,
            saved=result.saved,
            simulated=result.simulated,
            refit_of=result.refit_of,
            control=result.control,
        )
