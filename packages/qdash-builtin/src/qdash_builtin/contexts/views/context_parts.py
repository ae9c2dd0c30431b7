"""View models of the parts of a context: values, histories, results, notes, changes, executions, data of figures.

Ids are links: paths of the host. Texts that may be long are in fields named `text`, `title`, `message` and `reason`.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.references import make_link, make_route
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.value_change import ValueEventKind

if TYPE_CHECKING:
    from qdash_builtin.contexts.context import ValueInUse
    from qdash_builtin.contexts.figure_data import FigureData
    from qdash_builtin.metrics.history import HistoryPoint, MetricHistory
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_builtin.runs.execution_lists import ListedExecution
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.facts import Fact
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import ResultBrief
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


class ContextFact(Document):
    """Fact of a feature, such as a note or an issue."""

    heading: str
    """Heading of the facts of its kind, such as `Notes`."""
    kind: str | None = None
    """Kind of its record; absent without one."""
    link: str | None = None
    title: str
    details: OmitEmpty[str] = None
    """Further properties in words."""
    author: OmitEmpty[str] = None
    at: UtcDatetime
    """Time of its last change."""
    text: OmitEmpty[str] = None

    @classmethod
    def from_fact(cls, fact: Fact) -> Self:
        """Return the view model of a fact."""
        kind = None if fact.source is None else str(fact.source.kind)
        return cls.from_record(fact, kind=kind, link=make_route(fact.source))


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
