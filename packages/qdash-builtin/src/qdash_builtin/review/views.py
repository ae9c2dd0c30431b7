"""View models of the review of flagged results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, Field

from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
from qdash_builtin.values.review_state import ReviewState
from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.note_texts import WrittenNote
from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.project import make_command_options
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_builtin.review.item import ReviewedValue, ReviewItem


class ReviewedValueDocument(Document):
    """Flagged value without a decision, beside the value in use."""

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

    task_id: str
    execution_id: str
    task: str = Field(validation_alias=AliasPath("name"))
    status: TaskStatus
    verdict: Verdict | None = None
    message: str
    start_at: UtcDatetime | None = None


class ReviewItemDocument(Document):
    """Flagged result with the data for a decision on it."""

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


class ReviewedResultsDocument(Document):
    """Flagged results of a chip that await a decision."""

    chip_id: str
    task_ids: list[str]
    """Ids of the results, newest first."""


class ReviewCountDocument(Document):
    """Number of flagged results of a chip that await a decision."""

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
