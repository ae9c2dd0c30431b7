"""Executions, their locks, events and logs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.models.claims import Claim, LockScope
from qdash_core.models.process_marks import LockHold, ProcessMark
from qdash_core.models.project import make_command_options
from qdash_core.models.request import RunRequest
from qdash_core.process.clock import utc_now


class ExecutionStatus(StrEnum):
    """State of an execution."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """True if the state is final, unless the execution is resumed."""
        return self in EXECUTION_ENDS


EXECUTION_ENDS = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})

EXECUTION_TRANSITIONS: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    ExecutionStatus.SCHEDULED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
    ExecutionStatus.RUNNING: EXECUTION_ENDS,
    ExecutionStatus.FAILED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
    ExecutionStatus.CANCELLED: frozenset({ExecutionStatus.RUNNING}),
}
"""Legal transitions. Only a resume, or the cancellation of a queued resume, leaves a final state."""


class EndReason(StrEnum):
    """Reason for which an execution failed or was cancelled."""

    CANCELLED = "cancelled"
    """A user or a signal requested the cancellation."""
    ERROR = "error"
    """An exception was raised."""
    INTERRUPTED = "interrupted"
    """The process of the run died, or lost the process that started it."""
    LOCK_RELEASED = "lock released"
    """A user released the instrument lock while the process of the run was or may have been alive."""
    NOTHING_COMPLETED = "nothing completed"
    """The run finished, but no task completed."""
    REFUSED = "refused"
    """The run could not start."""
    STUCK = "stuck"
    """A task did not stop at its time limit."""


class CancelRequest(Value):
    """A request to cancel an execution. The process of the run polls for it."""

    username: str
    requested_at: UtcDatetime


class ResumeRequest(Value):
    """A user's request to resume an execution. A resume without it is automatic, and never overrides a
    cancellation.
    """

    username: str
    requested_at: UtcDatetime


class RunAttempt(Value):
    """Part of an execution from the start of its process to its end; a resume adds another."""

    username: str
    start_at: UtcDatetime
    end_at: UtcDatetime | None = None
    status: ExecutionStatus = ExecutionStatus.RUNNING
    message: str = ""
    reason: EndReason | None = None
    lab_seconds: float | None = None
    resume_request: ResumeRequest | None = None
    """The person's request to resume, or None for the first run attempt and for an automatic resume."""


class SoftwareVersions(Value):
    """Versions of the installed software, recorded at a start or resume of an execution."""

    since: UtcDatetime
    versions: dict[str, str]
    """Version by name: Python, and distributions."""


class Adoption(Value):
    """Decision of a user that the values of a simulated execution become the chip's."""

    username: str
    adopted_at: UtcDatetime


class StageModel(Value):
    """A stage of a run: the tasks on each target in order, and the mutual exclusions of targets."""

    tasks: list[str]
    groups: list[list[str]]
    """Displayed plan. Each target started as soon as its resources were free."""
    resources: dict[str, list[str]]
    """Resources that each target used exclusively from its first task to its last."""
    max_parallel: int | None = None
    strategy: str = ""
    """Name of the scheduling strategy, or empty if none made the groups, or the record predates this field."""
    barriers: list[int] = []
    """Numbers of the groups, from 1, that started only after the end of all earlier groups; the first group is number 0."""


class ExecutionHead(Record):
    """State of an execution without its request and plan, which are most of the record."""

    model_config = ConfigDict(extra="ignore")

    project_id: str
    username: str
    name: str
    execution_id: str
    chip_id: str
    status: ExecutionStatus = ExecutionStatus.SCHEDULED
    tags: list[str] = []
    message: str = ""
    reason: EndReason | None = None
    """Reason of a failure or cancellation."""
    tasks: dict[str, int] = {}
    """Number of task results by status, written when the run ends."""
    outcomes: dict[str, int] = {}
    """Number of task results by outcome (`models.task.Outcome`), written when the run ends; empty in records older than this field."""
    start_at: UtcDatetime | None = None
    cooldown_id: str | None = None
    """Cool-down of the chip when it started. Its results name theirs, which may be a later one."""
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    """Seconds of wall time during which it was running."""
    lab_seconds: float | None = None
    """Seconds of laboratory time, from the start of the first measurement to the end of the last."""
    flow_run_id: str | None = None
    """UUID of its flow run, from the request on; also in `note["flow_run_id"]`, as in the reference."""
    brought_as: str | None = None
    """Id of the flow run in which the runner's service performed the last run attempt, or None if it did
    not."""
    attempts: list[RunAttempt] = []
    """Run attempts in order of time; more than one after a resume."""
    left_out: dict[str, str] = {}
    """Requested targets that the flow does not measure, with the reasons."""
    lease_owner: str = ""
    """Owner of the instrument lock of its last run attempt. Only this owner may write the record."""
    instrument: str = ""
    """The locked instrument, or empty if the run needs none or predates locks on instruments."""
    simulated: bool = False
    """True if a simulation of a chip that has another backend is measured. Its values stay with the execution."""
    adopted: Adoption | None = None
    """The adoption of the values of a simulated execution, or None."""
    scope: str | None = None
    """Value scope that keeps its values, or None."""

    @model_validator(mode="before")
    @classmethod
    def _read_former_fields(cls, document: Any) -> Any:
        """Read fields that older stores keep in the note or in the first word of the message."""
        if not isinstance(document, dict) or "request" in document:
            return document
        note = dict(document.get("note") or {})
        job = note.pop("job", None)
        if isinstance(job, dict):
            job = {name: value for name, value in job.items() if name not in ("resume", "flow_run_id")}
        died = document.get("status") == "failed" and str(document.get("message")).startswith("interrupted")
        lifted = {"request": job, "session": note.pop("session", 0), "note": note}
        return {**document, **lifted, **({"reason": "interrupted"} if died else {})}

    @property
    def id_with_options(self) -> str:
        """Execution id with the command options for its project and user, unless these are the defaults."""
        return self.execution_id + make_command_options(self.project_id, self.username)

    @property
    def hold(self) -> LockHold:
        """The instrument lock of its last run attempt."""
        return LockHold(owner=self.lease_owner, instrument=self.instrument)


class ExecutionModel(ExecutionHead):
    """The record of an execution. Its task results are documents of their own, found by `execution_id`."""

    model_config = ConfigDict(extra="forbid")

    calib_data_path: str = ""
    note: dict[str, Any] = {}
    request: RunRequest | None = None
    """The request, or None if a user's own program started the run."""
    session: int = 0
    """Number of sessions that its flow created before this one."""
    choices: list[list[str]] = []
    """Targets selected by each filter of the flow, in the order of the filters. A resume uses them again."""
    stages: list[StageModel] = []
    """Planned stages in order."""
    cancel_request: CancelRequest | None = None
    resume_request: ResumeRequest | None = None
    """A user's request to resume it after the last cancellation, until it runs again or leaves the queue."""
    software: list[SoftwareVersions] = []
    """Installed software at the start, and at each resume before which it changed; empty in older records."""

    @property
    def is_cancel_in_force(self) -> bool:
        """True if the execution is cancelled or about to be, and no user has requested a resume since."""
        cancelled = self.status is ExecutionStatus.CANCELLED or self.cancel_request is not None
        return cancelled and self.resume_request is None

    def find_software(self, at: datetime | None) -> dict[str, str] | None:
        """Return the versions of the software at a time, or None if they are not recorded."""
        known = [one for one in self.software if at is not None and one.since <= at]
        return known[-1].versions if known else None


class ExecutionCounterModel(Record):
    """Number of the last execution of a project on a date."""

    project_id: str
    date: str
    username: str = ""
    chip_id: str = ""
    index: int = 0


class ExecutionLockModel(ProcessMark):
    """An instrument lock with its holder and its expiry."""

    instrument: str
    """The instrument, which may have several locks on different parts, across all projects of the store."""
    project_id: str
    chip_id: str
    """The chip that is measured."""
    scope: LockScope = "chip"
    """`project`: while the lock is held, no other run of the project measures, with any instrument."""
    resources: list[str] = []
    """Locked parts of the instrument, or empty for the whole instrument."""
    execution_id: str = ""
    """Empty if the run has no record yet, or for a check of the laboratory, which has no record."""

    @property
    def claim(self) -> Claim:
        """The claim of its holder."""
        return Claim(self.instrument, self.project_id, self.scope, frozenset(self.resources))

    @property
    def hold(self) -> LockHold:
        """Its key: instrument and owner."""
        return LockHold(owner=self.owner, instrument=self.instrument)

    @property
    def release_command(self) -> str:
        """Command that releases it, and no lock of another run on the chip."""
        only = f" --execution {self.execution_id}" if self.resources and self.execution_id else ""
        return f"qdash lock release {self.chip_id}{only} --force"


class CalibrationNoteModel(Record):
    """The calibration note of the laboratory's library after a task."""

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    note: dict[str, Any]
    timestamp: UtcDatetime = Field(default_factory=utc_now)


class CalibrationNoteMark(BaseModel):
    """Compact projection of a calibration note to its identifying fields, for lists."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    username: str
    chip_id: str
    execution_id: str
    task_id: str
    timestamp: UtcDatetime


ENTITY_DATA = ("entity", "plural", "record_id", "name")
"""Names in the data of each event of an entity's record."""


class EventModel(Record):
    """An event for subscribers. The store assigns its number."""

    seq: int = 0
    project_id: str
    kind: str
    """Subject and new state, such as `execution.running` or `task.completed`."""
    chip_id: str = ""
    execution_id: str = ""
    task_id: str = ""
    data: dict[str, Any] = {}

    @property
    def is_of_entity(self) -> bool:
        """True for an event of an entity's record: its data tell, since the plugin may not be imported."""
        return self.data.keys() >= {*ENTITY_DATA, "username"}


class LogModel(Record):
    """Lines of a run's log. The store assigns the number."""

    seq: int = 0
    project_id: str
    execution_id: str
    text: str
