"""Task definitions and task results."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol, Required, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note, Record, UtcDatetime, Value
from qdash_core.models.chip import ParameterModel, StoredValue
from qdash_core.models.decision import Decision

TaskType = Literal["qubit", "coupling", "mux", "global", "system"]


class TaskStatus(StrEnum):
    """State of one task on one target."""

    SCHEDULED = "scheduled"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """True if the state is final."""
        return self in TASK_ENDS


TASK_ENDS = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.SKIPPED, TaskStatus.CANCELLED})

TASK_TRANSITIONS: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.SCHEDULED: frozenset({TaskStatus.PENDING, TaskStatus.SKIPPED, TaskStatus.CANCELLED}),
    TaskStatus.PENDING: frozenset({TaskStatus.RUNNING, TaskStatus.SKIPPED, TaskStatus.CANCELLED}),
    TaskStatus.RUNNING: frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}),
}


def can_change(was: TaskStatus, status: TaskStatus) -> bool:
    """Return whether the status of a task result may change from `was` to `status`. Pending is not always recorded."""
    following = TASK_TRANSITIONS.get(was, frozenset())
    passed = TaskStatus.PENDING in following and status in TASK_TRANSITIONS[TaskStatus.PENDING]
    return status in following or passed


class Verdict(StrEnum):
    """Verdict of validation on a task result."""

    ACCEPTED = "accepted"
    """It becomes the chip's value."""
    FLAGGED = "flagged"
    """It is recorded and displayed, but not used."""
    REJECTED = "rejected"
    """It is recorded as a failed result."""


class Outcome(StrEnum):
    """Outcome of a task result: the verdict of a completed result that has one, otherwise the status. In display order."""

    ACCEPTED = "accepted"
    FLAGGED = "flagged"
    COMPLETED = "completed"
    """Completed without a verdict."""
    REJECTED = "rejected"
    """Completed, and rejected by a user: validation records a rejected result as failed."""
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Recorded as running by a run that has ended or whose process has died."""
    RUNNING = "running"
    PENDING = "pending"
    SCHEDULED = "scheduled"

    @property
    def status(self) -> TaskStatus:
        """Status of the results with this outcome."""
        if self is Outcome.INTERRUPTED:
            return TaskStatus.RUNNING
        judged = (Outcome.ACCEPTED, Outcome.FLAGGED, Outcome.REJECTED)
        return TaskStatus.COMPLETED if self in judged else TaskStatus(self)


def describe_outcomes(counts: Mapping[str, int]) -> dict[Outcome, str]:
    """Return the counts by outcome that are not 0 in words, such as `504 accepted`, in display order."""
    return {outcome: f"{counts[outcome]} {outcome}" for outcome in Outcome if counts.get(outcome)}


def parse_choice(kind: type[StrEnum], name: str, asked: str) -> str:
    """Parse a value of an enumeration, such as a status; raise InvalidInputError, which names the field, if it is unknown."""
    if asked not in [str(one) for one in kind]:
        raise InvalidInputError(f"{name} cannot be {asked!r}: it is one of {', '.join(kind)}")
    return asked


def _is_none(value: object) -> bool:
    return value is None


class InputModel(Value):
    """An input as a task used it."""

    # Inputs are most of a stored result, and many of their fields are seldom set: without a value these are not stored.
    value: float | int
    error: float | None = None
    unit: str = ""
    task_id: str = ""
    """Result from which the input came; empty for a default or a value of the laboratory's library."""
    simulated: bool | None = Field(None, exclude_if=_is_none)
    """True if the value was measured on a simulation of a chip that has another backend, else None."""
    target: str | None = None
    """Qubit or coupling of the value; None in records older than this field."""
    parameter: str | None = None
    """Parameter of `target` that holds the value; None in records older than this field."""
    undeclared: bool | None = Field(None, exclude_if=_is_none)
    """True if the task used the value without declaring it as an input, else None."""
    given: float | int | None = Field(None, exclude_if=_is_none)
    """Value of the result `task_id` or the default, if the laboratory used another one, as after rounding; else None."""
    from_laboratory: bool | None = Field(None, exclude_if=_is_none)
    """True if the value was not given to the laboratory, which used one of its own; else None."""
    from_user: bool | None = Field(None, exclude_if=_is_none)
    """True if the user of the run gave the value instead of the chip's; else None."""


class RunParameterModel(Value):
    """A run parameter as a task used it."""

    value: Any = None
    """The value, or None if the task chose it."""
    value_type: str
    unit: str = ""
    description: str = ""


class AnalysisCurve(Value):
    """Curve of a user's own analysis, for the figure of its result."""

    x: list[float]
    """x of each point, shape (n,)."""
    y: list[float]
    """Value of the model at each x, shape (n,)."""
    x_unit: str = ""
    """Unit of `x`; empty for that of the axis."""
    y_unit: str = ""
    """Unit of `y`; empty for that of the axis."""


class MeasurementOrigin(Value):
    """Times and author of a measurement."""

    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    username: str
    """User who started the run."""


Node = tuple[str, str, int]
"""A node of a flow: task, target, and the number of earlier occurrences of this task on this target."""


class JudgedResult(Protocol):
    """Fields of a result, and of its view models, that tell its outcome and the decisions on it."""

    @property
    def status(self) -> TaskStatus:
        """State of the task."""
        ...

    @property
    def verdict(self) -> Verdict | None:
        """Verdict of the validation."""
        ...

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """Decisions of users by parameter."""
        ...

    @property
    def output_parameters(self) -> Mapping[str, object]:
        """Values by parameter."""
        ...


class ResultOutcome:
    """Outcome of a result, for its model, projections and view models."""

    @property
    def verdict_in_force(self: JudgedResult) -> Verdict | None:
        """Verdict of users, if they decided alike on all values, else that of the validation."""
        return get_verdict_in_force(self)

    @property
    def outcome(self: JudgedResult) -> str:
        """Verdict of the validation if the task completed, else the status."""
        return get_outcome(self.status, self.verdict)

    @property
    def outcome_in_force(self: JudgedResult) -> str:
        """Verdict in force if the task completed, else the status."""
        return get_outcome(self.status, get_verdict_in_force(self))

    @property
    def is_done(self: JudgedResult) -> bool:
        """True if it completed and no user rejected a value: a resumed flow does not measure it again."""
        rejected = any(decision.verdict == "rejected" for decision in self.decisions.values())
        return self.status is TaskStatus.COMPLETED and not rejected

    @property
    def accepted(self) -> bool:
        """True if it completed and all its values may be used: by decisions of users, else by the verdict."""
        return _are_all_accepted(self)

    def accepts(self: JudgedResult, name: str) -> bool:
        """Return whether the value of a parameter may be used: by the decision of a user, else by the verdict."""
        return is_accepted(self, name)


class TaskResultModel(ResultOutcome, Record):
    """Result of one task on one target in one execution. It is the primary record of a measurement.

    Each task creates one: pydantic copies a default of `[]` 20 times slower than it calls a factory.
    """

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    name: str
    backend: str | None = None
    task_type: TaskType = "qubit"
    qid: str = ""
    control: str | None = None
    """Control qubit of a coupling. None for other targets, and for records older than this field."""
    occurrence: int = 0
    """Number of earlier occurrences of this task on this target in the flow; the third part of the node's
    key."""
    attempt: int = 1
    """Number of the task attempt. A retry, or a node that runs again after a resume, has a result of its
    own."""
    upstream_id: str = ""
    """The preceding result on the same target in the run."""
    status: TaskStatus = TaskStatus.SCHEDULED
    message: str = ""
    verdict: Verdict | None = None
    reasons: list[str] = Field(default_factory=list)
    flagged_by: list[str] = Field(default_factory=list)
    """Validators that flagged or rejected it, in order; one that raised an error is `NAME (failed)`."""
    input_parameters: dict[str, InputModel] = Field(default_factory=dict)
    run_parameters: dict[str, RunParameterModel] = Field(default_factory=dict)
    output_parameters: dict[str, ParameterModel] = Field(default_factory=dict)
    output_parameter_names: list[str] = Field(default_factory=list)
    measurement_complete: bool | None = None
    """True if the measurement was complete, so that a failure is one of the analysis or the validation. None if it has not ended, and in
    records older than this field."""
    no_signal: bool | None = None
    """True if the analysis failed because the expected signal is absent, else None."""
    decisions: dict[str, Decision] = Field(default_factory=dict)
    """Decisions of users on output parameters, which override the verdict."""
    r2: float | None = None
    quality: dict[str, float] = Field(default_factory=dict)
    note: dict[str, Any] = Field(default_factory=dict)
    user_note: Note = Note.model_construct()
    figure_path: list[str] = Field(default_factory=list)
    """The same as `json_figure_path`. Paths of images in imported results of the original."""
    json_figure_path: list[str] = Field(default_factory=list)
    """Route of the host, relative to its address, that draws the figure from the raw data as Plotly JSON; empty without raw data."""
    raw_data_path: list[str] = Field(default_factory=list)
    raw_data_sha256: list[str] = Field(default_factory=list)
    """SHA-256 of each file in `raw_data_path`, in order; empty in records older than checksums."""
    pruned: dict[str, UtcDatetime] = Field(default_factory=dict)
    """Times when its `raw_data`, and its `details` such as inputs and run parameters, were removed because of their age."""
    tags: list[str] = Field(default_factory=list)
    cooldown_id: str | None = None
    saved: bool = True
    """False for a trial, a simulated run or a run in a value scope, whose accepted values do not become the chip's."""
    scope: str | None = None
    """Value scope of the run, or None for the chip's values."""
    simulated: bool = False
    """True if it was measured on a simulation of a chip that has another backend."""
    refit_of: str | None = None
    """The result whose raw data were analysed again."""
    measured: MeasurementOrigin | None = None
    """Measurement of a refit, whose own times and author are those of the new analysis. None for other results, and for
    refits older than this field."""
    analysis_options: dict[str, RunParameterModel] = Field(default_factory=dict)
    """Analysis options of a refit that differ from their defaults."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words. None for other results."""
    analysis_curve: AnalysisCurve | None = None
    """Curve of a user's own analysis. None for other results, and without one."""
    rerun_of: str | None = None
    """Original of a rerun: the result that was measured again with its recorded inputs."""
    together: list[str] | None = None
    """Other targets that were measured in the same call; empty if it was measured alone. None if it was not measured,
    and in records older than this field."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    """Seconds."""
    lab_s: float | None = None
    """Duration of the measurement in laboratory time, in seconds. None if it was not run, or if laboratory time is
    wall time."""
    lab_start_s: float | None = None
    """Start in laboratory time, in seconds since the start of the run."""

    @property
    def measurement(self) -> MeasurementOrigin:
        """Times and author of the measurement; for a refit, those of its original."""
        return get_measurement(self)

    @property
    def node(self) -> Node:
        """Node of the flow that the result belongs to."""
        return self.name, self.qid, self.occurrence

    @property
    def kept(self) -> bool:
        """True if accepted values become those of the chip or of a value scope."""
        return self.saved or self.scope is not None

    @property
    def raw_data_file(self) -> str:
        """Path of the raw data, which exists only if `raw_data_path` is set."""
        return f"{self.project_id}/{self.chip_id}/{self.execution_id}/{self.task_id}.npz"

    def set_raw_data(self, paths: list[str], checksums: list[str]) -> None:
        """Set the paths of the raw data and their known checksums, and the address of the figure drawn from them."""
        self.raw_data_path, self.raw_data_sha256 = paths, checksums
        self.figure_path = self.json_figure_path = [f"task-results/{self.task_id}/figure"] if paths else []

    @property
    def raw_data_pruned_at(self) -> datetime | None:
        """Time when its raw data were removed because of their age, or None."""
        return self.pruned.get("raw_data")

    @property
    def details_pruned_at(self) -> datetime | None:
        """Time when its inputs, run parameters and other details were removed because of their age, or None."""
        return self.pruned.get("details")


def is_accepted(result: JudgedResult, name: str) -> bool:
    """Return whether the value of a parameter may be used: by the decision of a user, else by the verdict."""
    decision = result.decisions.get(name)
    return is_outcome_accepted(result.status, result.verdict, None if decision is None else decision.verdict)


def is_outcome_accepted(status: str, verdict: str | None, decided: str | None) -> bool:
    """Return whether values may be used: by the verdict that a user decided, if any, else by status and verdict."""
    if decided is not None:
        return decided == Verdict.ACCEPTED
    return status == TaskStatus.COMPLETED and verdict == Verdict.ACCEPTED


def _are_all_accepted(result: Any) -> bool:
    if result.status == TaskStatus.COMPLETED and result.decisions:
        return all(result.accepts(name) for name in result.output_parameters or ())
    return is_outcome_accepted(result.status, result.verdict, None)


def get_decided_verdict(result: JudgedResult) -> Verdict | None:
    """Return the verdict of users on a result, or None unless they decided alike on all its values."""
    decided = {decision.verdict for decision in result.decisions.values()}
    alike = len(decided) == 1 and result.decisions.keys() >= result.output_parameters.keys()
    return Verdict(decided.pop()) if alike else None


def get_verdict_in_force(result: JudgedResult) -> Verdict | None:
    """Return the verdict of users on a result, if they decided alike on all its values, else that of its validation."""
    return get_decided_verdict(result) or result.verdict


def awaits_decision(result: "TaskResultModel | RecordedValues", name: str) -> bool:
    """Return whether a flagged value that could be the chip's has no decision of a user yet."""
    flagged = result.status is TaskStatus.COMPLETED and result.verdict is Verdict.FLAGGED
    return flagged and result.saved and name not in result.decisions


def count_statuses(outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return numbers of results by status, from those by outcome."""
    counts: Counter[str] = Counter()
    for outcome, number in outcomes.items():
        counts[str(Outcome(outcome).status)] += number
    return dict(counts)


def get_measurement(result: "MeasuredOrRefitted") -> MeasurementOrigin:
    """Return times and author of the measurement of a result; for a refit, those of its original.

    An older refit does not record them: it has the author of its original, and its values the end of the measurement.
    """
    if result.refit_of is None:
        return MeasurementOrigin(start_at=result.start_at, end_at=result.end_at, username=result.username)
    if result.measured is not None:
        return result.measured
    known = [one.calibrated_at for one in result.output_parameters.values() if one.calibrated_at is not None]
    return MeasurementOrigin(end_at=max(known, default=None), username=result.username)


def get_outcome(status: TaskStatus, verdict: Verdict | None) -> str:
    """Return the outcome of a result: the verdict of a completed one that has one, otherwise the status."""
    return str(verdict if status is TaskStatus.COMPLETED and verdict else status)


class MeasuredOrRefitted(Protocol):
    """Fields of a result, and of its view models, that tell its measurement."""

    @property
    def username(self) -> str:
        """User who started the run or the refit, or recorded the analysis."""
        ...

    @property
    def refit_of(self) -> str | None:
        """Original of a refit."""
        ...

    @property
    def measured(self) -> MeasurementOrigin | None:
        """Measurement of a refit."""
        ...

    @property
    def start_at(self) -> datetime | None:
        """Start of the result or of the new analysis."""
        ...

    @property
    def end_at(self) -> datetime | None:
        """End of the result or of the new analysis."""
        ...

    @property
    def output_parameters(self) -> Mapping[str, ParameterModel]:
        """Its values."""
        ...


class RecordedValues(BaseModel):
    """Compact projection of a finished result to its values, for bulk reading."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    execution_id: str
    task_id: str
    task_type: TaskType = "qubit"
    qid: str
    control: str | None = None
    status: TaskStatus
    verdict: Verdict | None = None
    reasons: list[str] = []
    output_parameters: dict[str, ParameterModel] = {}
    decisions: dict[str, Decision] = {}
    saved: bool = True
    scope: str | None = None
    simulated: bool = False
    refit_of: str | None = None
    start_at: UtcDatetime | None = None

    def accepts(self, name: str) -> bool:
        """Return whether the value of a parameter may be used: by the decision of a user, else by the verdict."""
        return is_accepted(self, name)


class ResultValues(RecordedValues):
    """Compact projection of a finished result to its values, its task and its outcome."""

    name: str
    output_parameter_names: list[str] = []
    measurement_complete: bool | None = None
    no_signal: bool | None = None
    raw_data_path: list[str] = []
    message: str = ""
    end_at: UtcDatetime | None = None


class TracedResult(ResultOutcome, ResultValues):
    """Compact projection of a result to its values, its inputs and its author, for provenance."""

    project_id: str
    chip_id: str
    username: str
    analysis_options: dict[str, RunParameterModel] = {}
    analysis_model: str | None = None
    input_parameters: dict[str, InputModel] = {}


class PastResult(RecordedValues):
    """Compact projection of a finished result to its values, its note and its judgement, for validators."""

    note: dict[str, Any] = {}
    flagged_by: list[str] = []
    raw_data_path: list[str] = []
    cooldown_id: str | None = None


class StoredDecision(TypedDict):
    """Decision of a user, as stored."""

    verdict: str
    username: str
    reason: str
    decided_at: str


class ResultBrief(NamedTuple):
    """Brief of a result: its values with verdict and decisions, as stored, for thousands of them.

    Times are text of fixed width, whose order is that of time. A brief that is older than its last field lacks it: make it from
    positional arguments.
    """

    task_id: str
    execution_id: str
    username: str
    name: str
    control: str | None
    status: str
    verdict: str | None
    reasons: list[str] | None
    output_parameters: dict[str, StoredValue] | None
    decisions: dict[str, StoredDecision] | None
    saved: bool | None
    scope: str | None
    simulated: bool | None
    refit_of: str | None
    cooldown_id: str | None
    start_at: str | None
    analysis_model: str | None = None

    @property
    def accepted(self) -> bool:
        """True if it completed and all its values may be used: by decisions of users, else by the verdict."""
        return _are_all_accepted(self)

    def accepts(self, name: str) -> bool:
        """Return whether the value of a parameter may be used: by the decision of a user, else by the verdict."""
        decision = (self.decisions or {}).get(name)
        return is_outcome_accepted(
            self.status, self.verdict, None if decision is None else decision["verdict"]
        )


class NodeProjection(BaseModel):
    """Projection of a task result to its node."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    name: str
    qid: str
    occurrence: int = 0
    refit_of: str | None = None

    @property
    def node(self) -> Node:
        """Node of the flow that the result belongs to."""
        return (self.name, self.qid, self.occurrence)


class _NamedValue(TypedDict):
    """Value that only its name represents."""


class AttemptSummary(ResultOutcome, NodeProjection):
    """Compact projection of a task result (node, attempt, outcome), for bulk counting."""

    execution_id: str
    task_id: str = ""
    attempt: int = 1
    status: TaskStatus
    verdict: Verdict | None = None
    decisions: dict[str, Decision] = {}
    output_parameters: dict[str, _NamedValue] = {}


class TimedAttempt(AttemptSummary):
    """Compact projection of a task result with the times of its measurement, for the progress of a run."""

    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None


class TaskAttempt(Protocol):
    """Fields of a result, and of its projections and view models, that tell its place among the attempts at a node."""

    @property
    def node(self) -> Node:
        """Node of the flow."""
        ...

    @property
    def attempt(self) -> int:
        """Number of the attempt."""
        ...

    @property
    def status(self) -> TaskStatus:
        """State of the task."""
        ...

    @property
    def refit_of(self) -> str | None:
        """The result that was fitted again, or None for a measurement."""
        ...


A = TypeVar("A", bound=TaskAttempt)


def select_last_attempts(results: Iterable[A]) -> list[A]:
    """Return the last attempt at every node of a flow, ignoring refits.

    A completed attempt remains if a later one, its repeat, ended without completing.
    """
    last: dict[Node, A] = {}
    for result in results:
        if result.refit_of is None:
            known = last.get(result.node)
            last[result.node] = result if known is None else _select_later(known, result)
    return list(last.values())


def _select_later(known: A, result: A) -> A:
    before, after = (known, result) if known.attempt <= result.attempt else (result, known)
    is_lost = after.status in TASK_ENDS and after.status is not TaskStatus.COMPLETED
    return before if before.status is TaskStatus.COMPLETED and is_lost else after


class LatestResultModel(Record):
    """The newest finished result of one task on one target, updated with every recorded result."""

    project_id: str
    chip_id: str
    name: str
    qid: str
    task_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    """The verdict in force: of users, if they decided alike on all its values, else of the validation."""
    end_at: UtcDatetime
    """End of the measurement, also of a refit."""
    refitted_at: UtcDatetime | None = None
    """Time of a refit; None for a measurement, and for refits older than this field."""
    refitted_by: str | None = None
    analysis_model: str | None = None
    """Model of a user's analysis; None for a refit, and for analyses older than this field."""
    flagged_task_id: str | None = None
    """The last flagged result, until one is accepted. A later failure does not hide it."""
    durations_s: dict[str, float] = {}
    """Durations in laboratory time when it last completed, in seconds, by the digest of the run parameters, last measured last:
    predictions for the next run. Empty in records older than digests."""
    lab_s: float | None = None
    """Duration in laboratory time with unknown run parameters, in records older than digests."""


class FlaggedTask(TypedDict, total=False):
    """Compact projection of the newest result of a task on a target to its last flagged result."""

    name: Required[str]
    qid: Required[str]
    flagged_task_id: str | None


class TaskModel(Record):
    """A task definition as of its last run."""

    project_id: str
    username: str
    name: str
    backend: str | None
    description: str = ""
    task_type: TaskType
    input_parameters: dict[str, Any] = {}
    run_parameters: dict[str, Any] = {}
    output_parameters: dict[str, Any] = {}
    analysis_options: dict[str, Any] = {}
    """Analysis options, including those of QDash."""
