"""View models of the history of a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, Field

from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_builtin.values.views.shown_values import make_marks
from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.metrics.history import HistoryPoint, MetricHistory


_CSV_COLUMNS = (
    *("measured_at", "value", "error", "unit", "verdict", "reasons"),
    *("decision", "decided_by", "decided_at", "decision_reason", "in_use", "marks", "author", "remark"),
    *("task", "control", "cooldown_id", "execution_id", "task_id"),
)


class HistoryPointDocument(Document):
    """The value of a metric from one task result, or entered by a user, with verdict and decision."""

    task: str
    """`SetValues` for a value that a user entered."""
    task_id: str
    execution_id: str
    """Empty for a value that a user entered."""
    username: str
    """User who started the run, or entered the value."""
    value: float | int
    error: float | None = None
    """Absent if unknown."""
    unit: str
    calibrated_at: UtcDatetime | None = None
    start_at: UtcDatetime | None = None
    """Start of the task result, which orders the list; for a refit, this is long after the measurement."""
    verdict: Verdict | None = None
    """Verdict of the validation; `decision` overrides it."""
    status: TaskStatus | None = None
    """Status of a result without a verdict; absent otherwise."""
    reasons: list[str]
    decision: Decision | None = None
    """Decision of a user on this value."""
    in_use: bool
    """True if it is the chip's value."""
    condition: str | None = None
    """Condition of the measurement on which the quantity depends, such as `read alone`; absent if unknown or none."""
    marks: list[Mark] | None = None
    """Marks of the value in use; absent without marks."""
    mark_reasons: list[ValueMark] | None = None
    """Reason of each mark, with the result that caused it."""
    manual: bool
    """True if a user entered the value."""
    saved: bool
    """True if the value was eligible as the value in use; a trial run is only recorded."""
    scope: str | None = None
    """Value scope of the run."""
    simulated: bool
    """True if it was measured on a simulation of a chip that has another backend."""
    refit_of: str | None = None
    """The task result whose raw data were analysed again."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    control: str | None = None
    """The control qubit of a coupling."""
    cooldown_id: str | None = None

    @property
    def measured_at(self) -> datetime | None:
        """Time of the measurement, or else the start of the result; None if unknown."""
        return self.calibrated_at or self.start_at

    @property
    def outcome(self) -> str:
        """Verdict of a user's decision if there is one, else the verdict if the task completed, else the status."""
        if self.decision is not None:
            return self.decision.verdict
        return self.verdict or self.status or TaskStatus.COMPLETED

    @property
    def remark(self) -> str:
        """Kind of a value that a run did not give to the chip: simulated, in a value scope, or a trial; otherwise empty."""
        if self.simulated:
            return "simulated"
        if self.scope is not None:
            return f"scope {self.scope}"
        return "" if self.saved else "trial"

    @classmethod
    def from_point(cls, point: HistoryPoint) -> Self:
        """Return the view model of a value of the history."""
        result, parameter = point.result, point.parameter
        return cls.model_validate(
            {
                "task": result.name,
                "task_id": result.task_id,
                "execution_id": result.execution_id,
                "username": result.username,
                "value": parameter["value"],
                "error": parameter.get("error"),
                "unit": parameter.get("unit", ""),
                "calibrated_at": parameter.get("calibrated_at"),
                "start_at": result.start_at,
                "verdict": result.verdict,
                "status": None if result.verdict else result.status,
                "reasons": result.reasons or [],
                "decision": point.decision,
                "in_use": point.in_use,
                "condition": parameter.get("condition"),
                **make_marks(point.marks),
                "manual": point.manual,
                "saved": result.saved is not False,
                "scope": result.scope,
                "simulated": bool(result.simulated),
                "refit_of": result.refit_of,
                "analysis_model": result.analysis_model,
                "control": result.control,
                "cooldown_id": result.cooldown_id,
            }
        )


class FailedAttemptDocument(Document):
    """A result that failed without a value of the metric."""

    task: str = Field(validation_alias=AliasPath("name"))
    task_id: str
    execution_id: str
    start_at: UtcDatetime | None = None
    cooldown_id: str | None = None


class CooldownPeriodDocument(Document):
    """Period of a cool-down of the chip."""

    cooldown_id: str
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    """Absent if it is in progress."""


class MetricHistoryDocument(Document):
    """All recorded values of a metric on a target, newest first, and the cool-downs of the chip."""

    chip_id: str
    target: str
    metric: str
    points: list[HistoryPointDocument]
    failures: list[FailedAttemptDocument]
    """Results that failed without a value of the metric."""
    cooldowns: list[CooldownPeriodDocument]

    @classmethod
    def from_history(cls, history: MetricHistory) -> Self:
        """Return the view model of a history."""
        points = [HistoryPointDocument.from_point(point) for point in history.points]
        return cls.from_record(history, points=points)


def make_history_csv(history: MetricHistory) -> str:
    """Return a history as CSV with a row for each value; times in UTC, unknown fields empty."""
    return make_csv(_CSV_COLUMNS, map(_list_cells, history.points))


def _list_cells(point: HistoryPoint) -> tuple[object, ...]:
    result, parameter, decision = point.result, point.parameter, point.decision
    decided = (
        ("", "", "", "")
        if decision is None
        else (decision["verdict"], decision["username"], decision["decided_at"], decision["reason"])
    )
    return (
        parameter.get("calibrated_at") or result.start_at,
        *(parameter["value"], parameter.get("error"), parameter.get("unit")),
        *(result.verdict or result.status, "; ".join(result.reasons or ())),
        *decided,
        "yes" if point.in_use else "",
        " ".join(one.mark for one in point.marks),
        *(result.username, point.remark, result.name, result.control, result.cooldown_id),
        *(result.execution_id, result.task_id),
    )
