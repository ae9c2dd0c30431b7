"""View models of executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import AliasPath, Field

from qdash_builtin.runs.displayed_outcomes import display_outcome
from qdash_builtin.runs.views.clocks import make_clocks
from qdash_builtin.runs.views.results import RunResultDocument
from qdash_builtin.runs.views.timelines import PlannedStageDocument, StageDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.execution import Adoption, EndReason, ExecutionStatus, RunAttempt
from qdash_core.models.marks import Mark
from qdash_core.models.project import DEFAULT_PROJECT, make_command_options
from qdash_core.models.request import RunRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.runs.timelines import StageTimes
    from qdash_core.models.execution import ExecutionHead, ExecutionModel
    from qdash_core.models.task import TaskResultModel


class ExecutionHeader(Document):
    """An execution without its results."""

    username: str
    name: str
    execution_id: str
    chip_id: str
    status: ExecutionStatus
    """The recorded status; if it is `running`, `interrupted` tells whether the process is dead."""
    tags: list[str]
    message: str
    reason: EndReason | None = None
    tasks: dict[str, int]
    """Results by status; only the last attempt at each task on each target counts."""
    outcomes: dict[str, int]
    """The same by outcome: the verdict in force of a completed result that has one, otherwise the status."""
    start_at: UtcDatetime | None = None
    cooldown_id: str | None = None
    """Cool-down of the chip at the start."""
    end_at: UtcDatetime | None = None
    flow_run_id: str | None = None
    attempts: list[RunAttempt]
    left_out: OmitEmpty[dict[str, str]] = None
    """Requested targets that are not measured, each with the reason."""
    interrupted: OmitEmpty[bool] = None
    """True if the status is `running` and the process has died."""
    wall_s: float | None = None
    lab_s: float | None = None
    simulated: bool
    """True if a simulation of a chip that has another backend was measured: its values stay with the execution."""
    adopted: Adoption | None = None
    """The adoption of simulated values by the chip."""
    scope: str | None = None
    """Value scope that keeps its values."""

    @classmethod
    def from_execution(cls, execution: ExecutionHead, *, interrupted: bool = False, **further: Any) -> Self:
        """Return the view model of an execution, with further fields."""
        outcomes = {
            display_outcome(outcome, interrupted=interrupted): n for outcome, n in execution.outcomes.items()
        }
        clocks = make_clocks(execution)
        return cls.from_record(execution, interrupted=interrupted, outcomes=outcomes, **clocks, **further)


class ExecutionView(ExecutionHeader):
    """An execution with its request and planned stages, without results."""

    request: RunRequest | None = None
    """Absent if a user's own program started the execution."""
    stages: list[PlannedStageDocument]
    """In the order of the run, up to the current stage."""

    @property
    def id_with_options(self) -> str:
        """Id of an execution with a request, with the command option for its project unless it is the default: a token names the user."""
        project_id = (self.request and self.request.project_id) or DEFAULT_PROJECT
        return self.execution_id + make_command_options(project_id)


class ExecutionDocument(ExecutionHeader):
    """An execution with its results."""

    schedule: list[StageDocument]
    """Stages with measurements, in the order of the run."""
    results: list[RunResultDocument]
    drafted_by: OmitEmpty[str] = None
    """The assistant that drafted the run, which the user confirmed."""

    @classmethod
    def with_results(
        cls,
        execution: ExecutionModel,
        stages: Iterable[StageTimes],
        results: Iterable[TaskResultModel],
        *,
        interrupted: bool,
    ) -> Self:
        """Return the view model of an execution with the given results."""
        return cls.from_execution(
            execution,
            interrupted=interrupted,
            schedule=[StageDocument.from_times(times) for times in stages],
            results=[RunResultDocument.from_result(one, interrupted=interrupted) for one in results],
            drafted_by=None if execution.request is None else execution.request.drafted_by,
        )


class SubmittedDocument(Document):
    """A run that was queued for a worker."""

    execution_id: str = Field(validation_alias=AliasPath("execution", "execution_id"))
    status: ExecutionStatus = Field(validation_alias=AliasPath("execution", "status"))
    """`scheduled`, or the end status of the execution to resume; for a replay its current status."""
    flow_run_id: str | None = Field(default=None, validation_alias=AliasPath("execution", "flow_run_id"))
    """UUID of the flow run, which can also be used to cancel it."""
    replayed: OmitEmpty[bool] = None
    """True if the same idempotency key was used before; this request did nothing."""
    workers: int = Field(validation_alias=AliasPath("n_workers"))
    """Number of live workers on all machines of the store; one of them performs the run."""
    waits_for: OmitEmpty[str] = None
    """Words that follow "for"; absent if a worker can start the run at once."""
    advice: OmitEmpty[str] = None
    """The obstacle to the run, and the way to remove it."""


class OutcomeDocument(Document):
    """Summary of a finished run."""

    execution_id: str
    status: ExecutionStatus
    tasks: dict[str, int]
    message: OmitEmpty[str] = None
    left_out: OmitEmpty[dict[str, str]] = None
    wall_s: float | None = None
    lab_s: float | None = None
    simulated: OmitEmpty[bool] = None
    scope: str | None = None
    """Value scope that keeps its values."""


class RunOutcomeDocument(OutcomeDocument):
    """Summary of a finished run, with its changes of its chip."""

    project_id: str
    chip_id: str
    outcomes: dict[str, int]
    """Results by outcome; only the last attempt at each task on each target counts."""
    flow: str | None = None
    """Flow or task; absent for the function of a user."""
    keeps_lab_time: bool
    """True if `lab_s` was measured by a clock of the backend."""
    n_failed: int
    """Number of failed tasks, in all executions of the run."""
    marks: dict[Mark, int]
    """Number of values in use of its chip with each mark; empty if its values are not those of the chip."""
    now_failed: dict[str, str]
    """Qubits and couplings whose status is failed because of a result of the execution, with the reasons."""

    @property
    def outcome(self) -> OutcomeDocument:
        """The summary alone."""
        return OutcomeDocument(**{name: getattr(self, name) for name in OutcomeDocument.model_fields})


class RunChangesDocument(Document):
    """Changes of a run since an event."""

    seq: int
    """Number of the last event; `since` of the next request."""
    is_over: bool
    """True if the run has ended, or will never start, and nothing resumes it."""
    reason: str
    """Reason for the wait in the queue, to follow "for"; empty if it does not wait."""
    execution: ExecutionView
    running: list[tuple[str, str]]
    """Task and target of each running measurement."""
    results: list[RunResultDocument]
    """Results that have changed; without `since` the last attempts of all."""


class RefusalDocument(Document):
    """An execution, one of several requested, that could not be resumed."""

    execution_id: str
    error: str


class LogDocument(Document):
    """The log text of a run."""

    execution_id: str
    text: str


class LogPartDocument(Document):
    """Log lines of a run that were recorded together."""

    seq: int
    """Sequence number; a reader that follows the run requests the lines `since` the last one it has."""
    created_at: UtcDatetime
    text: str
