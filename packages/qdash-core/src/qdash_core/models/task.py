"""Task definitions and task results."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from qdash_core.models.base import Note, Record, UtcDatetime, Value
from qdash_core.models.chip import ParameterModel

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
        """Whether the state is final."""
        return self in TASK_ENDS


TASK_ENDS = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.SKIPPED, TaskStatus.CANCELLED})

TASK_TRANSITIONS: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.SCHEDULED: frozenset({TaskStatus.PENDING, TaskStatus.SKIPPED, TaskStatus.CANCELLED}),
    TaskStatus.PENDING: frozenset({TaskStatus.RUNNING, TaskStatus.SKIPPED, TaskStatus.CANCELLED}),
    TaskStatus.RUNNING: frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}),
}


def may_become(was: TaskStatus, status: TaskStatus) -> bool:
    """Whether a task that was recorded in one state may be recorded in another one.

    That it is pending is not always written down: what needs nothing but its inputs passes through it at once.
    """
    following = TASK_TRANSITIONS.get(was, frozenset())
    passed = TaskStatus.PENDING in following and status in TASK_TRANSITIONS[TaskStatus.PENDING]
    return status in following or passed


class Verdict(StrEnum):
    """What validation made of a result."""

    ACCEPTED = "accepted"
    """It becomes the latest value."""
    FLAGGED = "flagged"
    """It is kept and shown, and not used."""
    REJECTED = "rejected"
    """It is kept as a failed result."""


class InputModel(Value):
    """An input as a task used it."""

    value: float | int
    error: float | None = None
    unit: str = ""
    task_id: str = ""
    """The result it came from; empty for a default or for what the laboratory library had of its own."""


class RunParameterModel(Value):
    """A run parameter as a task used it."""

    value: Any = None
    """None: the task chose it."""
    value_type: str
    unit: str = ""
    description: str = ""


Node = tuple[str, str, int]
"""A node of a flow: task, target, and how often the flow asked for this task on this target before."""


class TaskResultModel(Record):
    """One task on one target in one execution: the primary record of what was measured."""

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
    """Of a coupling: the qubit that controlled; None: of anything else, or where it was not kept yet."""
    occurrence: int = 0
    """How often the flow asked for this task on this target before: with both it is the key of a node of the flow."""
    attempt: int = 1
    """A retry, or a node that is run again when its execution is resumed, is a new result with the next number."""
    upstream_id: str = ""
    """The result that this one follows in the run of its target."""
    status: TaskStatus = TaskStatus.SCHEDULED
    message: str = ""
    verdict: Verdict | None = None
    reasons: list[str] = []
    input_parameters: dict[str, InputModel] = {}
    run_parameters: dict[str, RunParameterModel] = {}
    output_parameters: dict[str, ParameterModel] = {}
    output_parameter_names: list[str] = []
    r2: float | None = None
    quality: dict[str, float] = {}
    note: dict[str, Any] = {}
    user_note: Note = Note()
    figure_path: list[str] = []
    json_figure_path: list[str] = []
    raw_data_path: list[str] = []
    raw_data_sha256: list[str] = []
    """Checksum of each file of `raw_data_path`, in its order; empty where it was kept before checksums were."""
    tags: list[str] = []
    cooldown_id: str | None = None
    saved: bool = True
    """Whether accepted values become the chip's; a trial run is recorded only."""
    refit_of: str | None = None
    """The result whose raw data were analysed again."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    """Seconds."""
    lab_s: float | None = None
    """Seconds that its measurement takes in a laboratory. Absent where it was not run, or the laboratory's time is the
    wall's."""
    lab_start_s: float | None = None
    """When it begins in the laboratory's time, in seconds since the run began."""

    @property
    def node(self) -> Node:
        """The node of the flow that it is an attempt at."""
        return self.name, self.qid, self.occurrence

    @property
    def accepted(self) -> bool:
        """Whether it completed and its values may be used."""
        return self.status is TaskStatus.COMPLETED and self.verdict is Verdict.ACCEPTED

    @property
    def became(self) -> str:
        """The verdict of what completed, the status of anything else."""
        return str(self.verdict if self.status is TaskStatus.COMPLETED and self.verdict else self.status)

    @property
    def raw_data_file(self) -> str:
        """Where its raw data are kept once there are any: `raw_data_path` says whether there are."""
        return f"{self.project_id}/{self.chip_id}/{self.execution_id}/{self.task_id}.npz"


class RecordedValues(BaseModel):
    """Of a finished result what tells the values that it gave: for who reads thousands. The rest of it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    execution_id: str
    task_id: str
    qid: str
    control: str | None = None
    status: TaskStatus
    verdict: Verdict | None = None
    reasons: list[str] = []
    output_parameters: dict[str, ParameterModel] = {}
    saved: bool = True
    refit_of: str | None = None
    start_at: UtcDatetime | None = None


class ResultValues(RecordedValues):
    """The same, with the task that gave them."""

    name: str


class ListedResult(BaseModel):
    """Of a result what a list of them shows. The rest of it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project_id: str
    task_id: str
    name: str
    qid: str = ""
    attempt: int = 1
    status: TaskStatus
    message: str = ""
    verdict: Verdict | None = None
    input_parameters: dict[str, InputModel] = {}
    output_parameters: dict[str, ParameterModel] = {}
    raw_data_path: list[str] = []
    refit_of: str | None = None
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None


class _OfNode(BaseModel):
    """Of a result what it is of. The rest of it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    qid: str
    occurrence: int = 0
    refit_of: str | None = None

    @property
    def node(self) -> Node:
        """As that of the result."""
        return (self.name, self.qid, self.occurrence)


class Attempted(_OfNode):
    """Of a result which attempt at what it is, and its state: for who counts thousands."""

    execution_id: str
    attempt: int = 1
    status: TaskStatus


class Stretch(Attempted):
    """The same, with when it was measured: for who asks how far a run is."""

    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None


class Timed(_OfNode):
    """Of a result when it was measured: for who looks at thousands."""

    start_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None


class Performed(Timed):
    """Of a result how it ended as well: for who counts thousands."""

    chip_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None


A = TypeVar("A", TaskResultModel, Attempted, Stretch)


def last_attempts(results: Iterable[A]) -> list[A]:
    """Return of every node of a flow the last attempt; what was only analysed again is none."""
    last: dict[Node, A] = {}
    for result in results:
        known = last.get(result.node)
        if result.refit_of is None and (known is None or known.attempt <= result.attempt):
            last[result.node] = result
    return list(last.values())


class LatestResultModel(Record):
    """The newest finished result of one task on one target, maintained with every record."""

    project_id: str
    chip_id: str
    name: str
    qid: str
    task_id: str
    execution_id: str
    status: TaskStatus
    verdict: Verdict | None = None
    end_at: UtcDatetime
    flagged_task_id: str | None = None
    """The last result whose values were flagged, until one is accepted: a failure since then does not hide it."""
    lab_s: float | None = None
    """Seconds that it took in a laboratory when it last completed: what it will take the next time."""


class TaskModel(Record):
    """A task definition, as it was known when it last ran."""

    project_id: str
    username: str
    name: str
    backend: str | None
    description: str = ""
    task_type: TaskType
    input_parameters: dict[str, Any] = {}
    run_parameters: dict[str, Any] = {}
    output_parameters: dict[str, Any] = {}
