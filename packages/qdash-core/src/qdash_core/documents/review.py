"""View models of the review of flagged results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.metric_history import HistoryPointDocument
from qdash_core.documents.metrics import VALUE_EXAMPLE, ShownValue
from qdash_core.documents.notes import WrittenNote
from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision, ReviewState
from qdash_core.models.project import make_command_options
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_core.review.item import ReviewedValue, ReviewItem

_TASK_ID = "9f0c2f7a-54f6-4f34-9a4c-0f6a3d7f8f11"
_FLAGGED: dict[str, Any] = {**VALUE_EXAMPLE, "value": 20.4, "error": 0.9, "task_id": _TASK_ID}
_VALUE: dict[str, Any] = {
    "parameter": "t1",
    "value": _FLAGGED,
    "in_use": VALUE_EXAMPLE,
    "difference": -61.1,
    "sigmas": 38.6,
    "accepted": _FLAGGED,
    "kept": False,
    "history": [],
}
_RELATED: dict[str, Any] = {
    "task_id": "0b1f7c22-98f0-4b52-9a4f-6f6f1d0e7b42",
    "execution_id": "20261121-003",
    "task": "CheckT2Echo",
    "status": "failed",
    "message": "no decay",
    "start_at": "2026-11-21T06:17:02.120000Z",
}
_ITEM: dict[str, Any] = {
    "task_id": _TASK_ID,
    "execution_id": "20261121-003",
    "chip_id": "a",
    "target": "0",
    "task": "CheckT1",
    "username": "alice",
    "state": "waiting",
    "reasons": ["t1 is 20.4 us, and was 81.5 us"],
    "flagged_by": ["jump"],
    "start_at": "2026-11-21T06:15:59.737964Z",
    "values": [_VALUE],
    "decisions": {},
    "related": [_RELATED],
    "raw_data": True,
    "figure": f"task-results/{_TASK_ID}/figure",
    "commands": {"accept": f"qdash values accept {_TASK_ID}"},
}


class ReviewedValueDocument(Document):
    """Flagged value without a decision, beside the value in use."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUE]})

    parameter: str = Field(validation_alias=AliasPath("name"))
    value: ShownValue
    in_use: ShownValue | None = None
    """The value in use; absent if there is none."""
    difference: float | None = None
    """Flagged value minus the value in use, in the unit of the values; within half a turn for angles."""
    sigmas: float | None = None
    """Magnitude of the difference in combined standard deviations; absent if an error is unknown, or both values have the same data."""
    accepted: ShownValue | None = None
    """The value in use after an acceptance; absent if it would not change."""
    kept: bool = Field(validation_alias=AliasPath("is_kept"))
    """True if the value in use was measured later, so that it would stay after an acceptance."""
    history: list[HistoryPointDocument]
    """The last recorded values that count for the chip, newest first, the flagged one included."""

    @classmethod
    def from_value(cls, reviewed: ReviewedValue) -> Self:
        """Return the view model of a flagged value."""
        history = [HistoryPointDocument.from_point(one) for one in reviewed.history]
        return cls.from_record(reviewed, history=history)


class RelatedResultDocument(Document):
    """Newest result of a task on the same target, failed or flagged."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RELATED]})

    task_id: str
    execution_id: str
    task: str = Field(validation_alias=AliasPath("name"))
    status: TaskStatus
    verdict: Verdict | None = None
    message: str
    start_at: UtcDatetime | None = None


class ReviewItemDocument(Document):
    """Flagged result with the data for a decision on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    task_id: str
    execution_id: str
    chip_id: str
    target: str = Field(validation_alias=AliasPath("qid"))
    control: str | None = None
    """The control qubit of a coupling."""
    task: str = Field(validation_alias=AliasPath("name"))
    username: str
    """User who started the run."""
    state: ReviewState
    """`waiting` if it awaits a decision; else `superseded` by a later result, of an `excluded` or dead target, or `decided`."""
    reasons: list[str]
    """The findings of the validators."""
    flagged_by: list[str]
    """The validators that flagged it."""
    start_at: UtcDatetime | None = None
    cooldown_id: str | None = None
    refit_of: str | None = None
    """The result whose raw data were analysed again."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    values: list[ReviewedValueDocument]
    """Its values without a decision; a decision names these."""
    decisions: dict[str, Decision]
    """Decisions on its other values by parameter."""
    refusal: OmitEmpty[str] = None
    """Reason why an acceptance would be refused."""
    related: list[RelatedResultDocument]
    """Newest results of tasks on the target that failed or are flagged, newest first."""
    note: WrittenNote = Field(default=None, validation_alias=AliasPath("user_note"))
    raw_data: bool
    """True if raw data were recorded, so that it can be drawn and refitted."""
    figure: str | None = None
    """Route that draws its figure from the raw data, relative to the address of the host."""
    commands: dict[str, str]
    """Command for each possible action; words in capitals are placeholders."""

    @classmethod
    def from_item(cls, item: ReviewItem) -> Self:
        """Return the view model of a flagged result."""
        result = item.result
        return cls.from_record(
            result,
            state=item.state,
            values=[ReviewedValueDocument.from_value(one) for one in item.values],
            refusal=item.refusal,
            related=item.related,
            raw_data=bool(result.raw_data_path),
            figure=next(iter(result.json_figure_path), None),
            commands=_make_commands(item),
        )


class ReviewCountDocument(Document):
    """Number of flagged results of a chip that await a decision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chip_id": "a", "waiting": 3}]})

    chip_id: str
    waiting: int


def _make_commands(item: ReviewItem) -> dict[str, str]:
    """Return the commands for a flagged result by action."""
    result, options = item.result, make_command_options(item.result.project_id)
    some = f" --metrics {','.join(item.names)}" if len(item.names) < len(result.output_parameters) else ""
    commands = {
        "accept": f"qdash values accept {result.task_id}{some}{options}",
        "reject": f"qdash values reject {result.task_id}{some} --reason TEXT{options}",
        "measure": f"qdash task run {result.name} --chip {result.chip_id} --qid {result.qid} --save{options}",
        "exclude": f"qdash chip exclude {result.chip_id} {result.qid} --note TEXT{options}",
    }
    if result.raw_data_path:
        commands["refit"] = f"qdash task refit {result.task_id}{options}"
        commands["figure"] = f"qdash task figure {result.task_id} -o FILE{options}"
    return commands
