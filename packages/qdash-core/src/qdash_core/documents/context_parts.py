"""View models of the parts of a context: values, histories, results, notes, changes, executions, data of figures.

Ids are links: paths of the host. Texts that may be long are in fields named `text`, `title`, `message` and `reason`.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.references import make_link
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import TargetStatus
from qdash_core.models.issue import IssueState
from qdash_core.models.marks import Mark
from qdash_core.models.note import MetricNoteModel
from qdash_core.models.value_change import ValueEventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.contexts.context import ValueInUse
    from qdash_core.contexts.figure_data import FigureData
    from qdash_core.issues.similar import SimilarIssue
    from qdash_core.issues.view import Comment, IssueView
    from qdash_core.metrics.history import HistoryPoint, MetricHistory
    from qdash_core.metrics.summary import MetricSummary
    from qdash_core.models.chip import ParameterModel, StoredState
    from qdash_core.models.issue import IssueModel
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import ListedResult, ResultBrief
    from qdash_core.notes.note_places import PlacedNote
    from qdash_core.record.execution_lists import ListedExecution
    from qdash_core.values.writer import ValueEvent

_DIGITS = 7
_MOST_DECIMALS = 300
_LISTED = 10
"""Maximum number of targets of a change or an issue, and of parameters of a change."""
_COMMENTS = 10
"""Maximum number of comments of an issue."""


def make_result_link(task_id: str) -> str | None:
    """Return the path of a result, or None for an empty id."""
    return make_link("task-results", task_id) if task_id else None


def round_number(value: float, error: float | None) -> dict[str, float | None]:
    """Return `value`, rounded to a hundredth of its error or to `_DIGITS` significant digits without one, and `error`."""
    if not error or not isfinite(error):
        return {"value": _round_digits(value, _DIGITS), "error": error}
    decimals = min(2 - floor(log10(abs(error))), _MOST_DECIMALS)
    return {"value": round(value, decimals), "error": _round_digits(error, 3)}


def _round_digits(value: float, digits: int) -> float:
    return value if isinstance(value, int) else float(f"{value:.{digits}g}")


class ContextQuantity(Document):
    """Number with its error and unit, where they are known, rounded to a hundredth of the error."""

    value: float | int
    error: float | None = None
    unit: OmitEmpty[str] = None

    @classmethod
    def from_parameter(cls, parameter: ParameterModel) -> Self:
        """Return the view model of an estimate."""
        return cls(**round_number(parameter.value, parameter.error), unit=parameter.unit)


class ContextMark(Document):
    """Mark of a value in use, with its reason."""

    mark: Mark
    reason: str
    result: str | None = None
    """The result that caused it."""

    @classmethod
    def from_mark(cls, mark: ValueMark) -> Self:
        """Return the view model of a mark."""
        return cls(mark=mark.mark, reason=mark.reason, result=make_result_link(mark.task_id))


class ContextValue(Document):
    """Value in use of a target."""

    target: str
    metric: str
    value: float | int
    error: float | None = None
    unit: OmitEmpty[str] = None
    measured_at: UtcDatetime | None = None
    result: str | None = None
    """The result that measured it."""
    marks: OmitEmpty[list[ContextMark]] = None
    out_of_spec: OmitEmpty[bool] = None
    """True if it is out of specification."""
    simulated: OmitEmpty[bool] = None
    """True if it was measured on a simulation of a chip that has another backend."""

    @classmethod
    def from_value(cls, value: ValueInUse) -> Self:
        """Return the view model of a value in use."""
        parameter = value.known.parameter
        return cls(
            target=value.target,
            metric=value.metric,
            **round_number(parameter.value, parameter.error),
            unit=parameter.unit,
            measured_at=parameter.calibrated_at,
            result=make_result_link(parameter.task_id),
            marks=[ContextMark.from_mark(one) for one in value.known.marks],
            out_of_spec=value.out_of_specification,
            simulated=parameter.simulated,
        )


class ContextStatistics(Document):
    """Statistics of a metric over the targets of a chip."""

    kind: Literal["qubit", "coupling"]
    metric: str
    targets: int
    n: int
    """Number of targets with a value."""
    unit: OmitEmpty[str] = None
    median: float | None = None
    lowest: float | None = None
    highest: float | None = None
    within: int | None = None
    """Number of values within specification; absent if the metric has none."""

    @classmethod
    def from_summary(cls, kind: TargetKind, summary: MetricSummary) -> Self:
        """Return the view model of the summary of a metric."""
        values = summary.values.values()
        return cls(
            kind=kind,
            metric=summary.name,
            targets=summary.targets,
            n=len(values),
            unit=summary.unit,
            median=summary.median,
            lowest=min(values, default=None),
            highest=max(values, default=None),
            within=summary.within,
        )


class ContextPoint(Document):
    """Measured or entered value in the history of a metric."""

    value: float | int
    error: float | None = None
    unit: str | None = None
    """Absent if it is that of the history."""
    measured_at: UtcDatetime | None = None
    outcome: str
    """Decision of a user, otherwise the verdict, otherwise the status of the result."""
    in_use: OmitEmpty[bool] = None
    remark: OmitEmpty[str] = None
    """`entered` for a value that a user entered; otherwise `simulated`, `scope NAME` or `trial`, and with the author `refit` or `analysis (MODEL)`."""
    result: str | None = None

    @classmethod
    def from_point(cls, point: HistoryPoint, unit: str) -> Self:
        """Return the view model of a value of a history with this unit."""
        own, result = point.parameter.get("unit") or "", point.result
        remarks = [point.remark] if point.remark else []
        remarks += [_sign_analysis(result)] if result.refit_of else []
        return cls(
            **round_number(point.parameter["value"], point.parameter.get("error")),
            unit=None if own == unit else own,
            measured_at=point.measured_at,
            outcome=point.outcome,
            in_use=point.in_use,
            remark="entered" if point.manual else ", ".join(remarks),
            result=make_result_link(result.task_id),
        )


class ContextHistory(Document):
    """Newest values of a metric on a target."""

    target: str
    metric: str
    unit: OmitEmpty[str] = None
    total: int
    """Number of all recorded values."""
    points: list[ContextPoint]
    """Newest first."""

    @classmethod
    def from_history(cls, history: MetricHistory, *, most: int) -> Self:
        """Return the view model of the newest `most` values of a history."""
        unit = history.points[0].parameter.get("unit") or ""
        return cls(
            target=history.target,
            metric=history.metric,
            unit=unit,
            total=len(history.points),
            points=[ContextPoint.from_point(one, unit) for one in history.points[:most]],
        )


class ContextOutcome(Document):
    """Task result in a list."""

    task: str
    target: OmitEmpty[str] = None
    outcome: str
    """Verdict of a completed result, otherwise the status."""
    message: OmitEmpty[str] = None
    estimates: OmitEmpty[dict[str, ContextQuantity]] = None
    at: UtcDatetime | None = None
    """Start of the measurement."""
    remark: OmitEmpty[str] = None
    """`simulated`, `scope NAME`, and with the author `refit` or `analysis (MODEL)`."""
    result: str

    @classmethod
    def from_result(cls, result: ListedResult) -> Self:
        """Return the view model of a result."""
        remarks = ["simulated"] if result.simulated else []
        remarks += [f"scope {result.scope}"] if result.scope else []
        remarks += [_sign_analysis(result)] if result.refit_of else []
        return cls(
            task=result.name,
            target=result.qid,
            outcome=result.outcome_in_force,
            message=result.message,
            estimates={
                name: ContextQuantity.from_parameter(one) for name, one in result.output_parameters.items()
            },
            at=result.measurement.start_at,
            remark=", ".join(remarks),
            result=make_link("task-results", result.task_id),
        )


def _sign_analysis(result: ListedResult | ResultBrief) -> str:
    return f"{name_analysis(result.analysis_model)} by {result.username}"


class ContextFailedTarget(Document):
    """Failed or dead qubit or coupling of a chip."""

    target: str
    status: TargetStatus
    reason: OmitEmpty[str] = None
    """Reason of a failure, or the note of a user on a dead target."""
    result: str | None = None

    @classmethod
    def from_state(cls, state: StoredState) -> Self:
        """Return the view model of a stored target."""
        reason, note = state.get("status_reason"), state.get("note")
        if reason is not None:
            return cls(
                target=state["qid"],
                status=state["status"],
                reason=reason.text,
                result=make_result_link(reason.task_id),
            )
        return cls(target=state["qid"], status=state["status"], reason=None if note is None else note.content)


class ContextNote(Document):
    """Note of a user."""

    on: str
    """Its subject: `chip a`, `qubit 3`, `t1 of qubit 3`, `result CheckT1 of 3`."""
    text: str
    author: str
    at: UtcDatetime | None = None
    cooldown: str | None = None
    """Cool-down in which a note on a metric is valid."""
    result: str | None = None
    """The result that it is on."""

    @classmethod
    def from_note(cls, note: PlacedNote | MetricNoteModel) -> Self:
        """Return the view model of a note."""
        written = {"text": note.note.content, "author": note.note.updated_by, "at": note.note.updated_at}
        if isinstance(note, MetricNoteModel):
            subject = f"{note.metric_key} of {note.target_type} {note.target_id}"
            return cls(on=subject, cooldown=note.cooldown_id, **written)
        if note.extra:
            named = f"result {note.extra['task_name']} of {note.extra['qid'] or 'the chip'}"
            return cls(on=named, result=make_result_link(note.place.target_id), **written)
        return cls(on=f"{note.place.scope} {note.place.target_id}", **written)


class ContextComment(Document):
    """Comment of an issue."""

    author: str
    at: UtcDatetime
    text: str

    @classmethod
    def from_comment(cls, comment: Comment) -> Self:
        """Return the view model of a comment."""
        return cls(author=comment.username, at=comment.created_at, text=comment.text)


class ContextIssue(Document):
    """Laboratory issue."""

    link: str
    title: str
    state: IssueState
    labels: OmitEmpty[list[str]] = None
    assignees: OmitEmpty[list[str]] = None
    author: str
    at: UtcDatetime
    """Time when it was opened."""
    targets: OmitEmpty[list[str]] = None
    """The first targets."""
    n_targets: int | None = None
    """Number of all targets; absent if all are listed."""
    result: str | None = None
    """The result that it is about."""
    text: OmitEmpty[str] = None
    """Description in Markdown."""
    n_comments: int
    """Number of all comments."""
    comments: OmitEmpty[list[ContextComment]] = None
    """Last comments; of a similar issue, that with which it was closed, or the last one."""
    similar_in: OmitEmpty[list[str]] = None
    """Properties that it has in common with the result of the context, of a similar issue."""

    @classmethod
    def from_view(cls, view: IssueView) -> Self:
        """Return the view model of an issue."""
        return cls._from_issue(view.issue, text=view.issue.body, comments=view.comments[-_COMMENTS:])

    @classmethod
    def from_similar(cls, similar: SimilarIssue) -> Self:
        """Return the view model of a similar issue."""
        last = similar.closing or similar.last_comment
        reasons = [f"{one.kind}: {', '.join(one.common)}" for one in similar.reasons]
        return cls._from_issue(
            similar.issue,
            text=similar.issue.body,
            comments=[] if last is None else [last],
            similar_in=reasons,
        )

    @classmethod
    def _from_issue(
        cls, issue: IssueModel, *, comments: Sequence[Comment], text: str, similar_in: Sequence[str] = ()
    ) -> Self:
        return cls(
            link=make_link("issues", issue.issue_id),
            title=issue.title,
            state=issue.state,
            labels=issue.labels,
            assignees=issue.assignees,
            author=issue.username,
            at=issue.created_at,
            targets=issue.targets[:_LISTED],
            n_targets=len(issue.targets) if len(issue.targets) > _LISTED else None,
            result=make_result_link(issue.task_id),
            text=text,
            n_comments=issue.n_comments,
            comments=[ContextComment.from_comment(one) for one in comments],
            similar_in=[*similar_in],
        )


class ContextChange(Document):
    """Change of values by a user."""

    event: int
    kind: ValueEventKind
    author: str
    reason: OmitEmpty[str] = None
    at: UtcDatetime
    targets: list[str]
    """The first targets."""
    n_targets: int | None = None
    """Number of all targets; absent if all are listed."""
    parameters: list[str]
    """The first parameters."""
    n_parameters: int | None = None
    """Number of all parameters; absent if all are listed."""
    result: str | None = None
    undone_by: int | None = None

    @classmethod
    def from_event(cls, event: ValueEvent) -> Self:
        """Return the view model of an event."""
        head, targets = event.head, [part.qid for part in event.parts]
        names = sorted({name for part in event.parts for name in part.parameters})
        return cls(
            event=head.number,
            kind=head.kind,
            author=head.username,
            reason=head.reason,
            at=head.created_at,
            targets=targets[:_LISTED],
            n_targets=len(targets) if len(targets) > _LISTED else None,
            parameters=names[:_LISTED],
            n_parameters=len(names) if len(names) > _LISTED else None,
            result=make_result_link(head.task_id),
            undone_by=event.undone_by,
        )


class ContextExecution(Document):
    """Execution on a chip."""

    execution: str
    flow: str
    status: str
    """The recorded status, or `interrupted`."""
    message: OmitEmpty[str] = None
    outcomes: OmitEmpty[dict[str, int]] = None
    """Number of results by outcome; for older executions by status."""
    author: str
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    simulated: OmitEmpty[bool] = None

    @classmethod
    def from_execution(cls, listed: ListedExecution) -> Self:
        """Return the view model of an execution."""
        execution = listed.execution
        return cls(
            execution=make_link("executions", execution.execution_id),
            flow=execution.name,
            status=listed.status,
            message=execution.message,
            outcomes=execution.outcomes or execution.tasks,
            author=execution.username,
            start_at=execution.start_at,
            end_at=execution.end_at,
            simulated=execution.simulated,
        )


class ContextArray(Document):
    """Array of the raw data of a result, reduced to a few points."""

    name: str
    unit: OmitEmpty[str] = None
    shape: list[int]
    """Shape of the whole array."""
    description: OmitEmpty[str] = None
    """Meaning of the numbers; of a complex array `I` and `Q` are the real and imaginary parts."""
    values: Any = None
    """Absent for errors and covariances of other arrays; otherwise evenly selected numbers in nested lists, one level for each axis; null if not finite. Arrays with axes of equal length have the same
    points."""
    minimum: float | None = None
    """Minimum of the whole array."""
    maximum: float | None = None


class ContextFigure(Document):
    """Data of the figure of a result."""

    task: str
    target: OmitEmpty[str] = None
    result: str
    n_arrays: int
    """Number of all arrays."""
    arrays: list[ContextArray]
    reason: OmitEmpty[str] = None
    """Reason if the raw data cannot be read."""

    @classmethod
    def from_data(cls, data: FigureData) -> Self:
        """Return the view model of the data of a figure."""
        return cls(
            task=data.result.name,
            target=data.result.qid,
            result=make_link("task-results", data.result.task_id),
            n_arrays=data.n_arrays,
            arrays=[ContextArray.from_record(one, shape=list(one.shape)) for one in data.arrays],
            reason=data.reason,
        )
