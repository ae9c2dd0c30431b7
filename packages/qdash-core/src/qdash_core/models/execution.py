"""Executions, their numbering, their lock, and what they leave behind."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qdash_core.models.base import Record, UtcDatetime, Value, utc_now
from qdash_core.models.marks import LeaseHold, ProcessMark
from qdash_core.models.project import command_options
from qdash_core.models.request import RunRequest
from qdash_core.models.task import TASK_ENDS


class ExecutionStatus(StrEnum):
    """State of an execution."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the state is final (but for a resume)."""
        return self in EXECUTION_ENDS


EXECUTION_ENDS = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})

EXECUTION_TRANSITIONS: dict[ExecutionStatus, frozenset[ExecutionStatus]] = {
    ExecutionStatus.SCHEDULED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
    ExecutionStatus.RUNNING: EXECUTION_ENDS,
    ExecutionStatus.FAILED: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CANCELLED}),
    ExecutionStatus.CANCELLED: frozenset({ExecutionStatus.RUNNING}),
}
"""Legal transitions. A final state is left only by a resume, or by a cancel of an execution that waited to be resumed."""


class EndReason(StrEnum):
    """Why an execution failed or was cancelled."""

    CANCELLED = "cancelled"
    """Somebody asked for its end: a person, a signal."""
    ERROR = "error"
    """Something was raised."""
    INTERRUPTED = "interrupted"
    """The process that ran it died, or was left alone by whoever started it."""
    NOTHING_COMPLETED = "nothing completed"
    """It ran to its end, and no task completed."""
    REFUSED = "refused"
    """It could not begin."""
    STUCK = "stuck"
    """A task did not stop when its time was up."""


class CancelRequest(Value):
    """Somebody asked for the end of an execution; the process that runs it looks for this."""

    username: str
    requested_at: UtcDatetime


class ResumeRequest(Value):
    """A person asked to resume an execution. A resume without it is automatic, and never overrides a cancel."""

    username: str
    requested_at: UtcDatetime


class RunAttempt(Value):
    """One stretch in which an execution was running: the first, or one after a resume."""

    username: str
    start_at: UtcDatetime
    end_at: UtcDatetime | None = None
    status: ExecutionStatus = ExecutionStatus.RUNNING
    message: str = ""
    reason: EndReason | None = None
    lab_seconds: float | None = None
    resume_request: ResumeRequest | None = None
    """The person's request that began it; None: it is the first, or the resume was automatic."""


class StageModel(Value):
    """What a run did in one go: tasks in order on every target, and which of these excluded each other."""

    tasks: list[str]
    groups: list[list[str]]
    """The plan as people see it; each target began as soon as what it needs was free."""
    resources: dict[str, list[str]]
    """What each target occupied alone from its first task to its last."""
    max_parallel: int | None = None


class ExecutionHead(Record):
    """How one run stands, without what was asked for and planned, which is most of what is kept of it."""

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
    """Why it failed or was cancelled."""
    tasks: dict[str, int] = {}
    """Results by state, written when the run ends."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    """Seconds of wall time in which it was running."""
    lab_seconds: float | None = None
    """Seconds that the measurements take in a laboratory, from the begin of the first to the end of the last one."""
    flow_run_id: str | None = None
    """The UUID of its flow's run, from when it is asked for on; also `note["flow_run_id"]`, where the reference has it."""
    brought_as: str | None = None
    """The id of the flow run by which the service of its runner brought its last stretch; None: no service has."""
    attempts: list[RunAttempt] = []
    """Every stretch of running, the last one last: more than one after a resume."""
    left_out: dict[str, str] = {}
    """What the flow does not measure although it was named: target to reason."""
    lease_owner: str = ""
    """The hold on the lease under which it runs, or ran last: whoever has another one may not write it."""
    instrument: str = ""
    """What that lease is on; empty: it needs none, or is from before leases were on instruments."""

    @model_validator(mode="before")
    @classmethod
    def _lift(cls, document: Any) -> Any:
        """Take what records of an older store say in their note, or with the first word of their message."""
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
    def named(self) -> str:
        """Its id as commands take it, with its project and who began it where that does not go without saying."""
        return self.execution_id + command_options(self.project_id, self.username)

    @property
    def hold(self) -> LeaseHold:
        """The lease under which it runs, or ran last."""
        return LeaseHold(owner=self.lease_owner, instrument=self.instrument)


class ExecutionModel(ExecutionHead):
    """One run. Results are documents of their own, found by `execution_id`."""

    model_config = ConfigDict(extra="forbid")

    calib_data_path: str = ""
    note: dict[str, Any] = {}
    request: RunRequest | None = None
    """What was asked for; None: a program of somebody's own began it."""
    session: int = 0
    """How many sessions its flow made before it."""
    choices: list[list[str]] = []
    """The targets that each filter of the flow left, in the order of the filters: a resume leaves them again."""
    stages: list[StageModel] = []
    """What was planned, in order."""
    cancel_request: CancelRequest | None = None
    resume_request: ResumeRequest | None = None
    """A person's request to resume it, made after the last cancel, until it runs again or leaves the queue."""

    @property
    def cancel_stands(self) -> bool:
        """Return whether it was cancelled, or is to be, and no person has asked since then to resume it."""
        cancelled = self.status is ExecutionStatus.CANCELLED or self.cancel_request is not None
        return cancelled and self.resume_request is None


class ExecutionCounterModel(Record):
    """The number of the last execution of a project on a date."""

    project_id: str
    date: str
    username: str = ""
    chip_id: str = ""
    index: int = 0


LockScope = Literal["chip", "project"]
"""What one run has for itself: the instrument of its chip, or all that its project measures with as well."""


class ExecutionLockModel(ProcessMark):
    """A lease: who measures with an instrument, and until when if it is not renewed."""

    instrument: str
    """What it covers. Chips of one instrument share it, across all projects of the store."""
    project_id: str
    chip_id: str
    """The chip that is measured."""
    scope: LockScope = "chip"
    """`project`: as long as it is held, no other run of the project measures, with whatever instrument."""
    execution_id: str = ""
    """Empty: the run has no record yet, or it is a check of the laboratory, which has none."""

    def excludes(self, instrument: str, project_id: str, scope: LockScope) -> bool:
        """Whether it excludes a run of a project, of this scope and on this instrument."""
        of_project = self.project_id == project_id and "project" in (scope, self.scope)
        return self.instrument == instrument or of_project


class CalibrationNoteModel(Record):
    """The laboratory library's calibration note, as it stood after a task."""

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    note: dict[str, Any]
    timestamp: UtcDatetime = Field(default_factory=utc_now)


class CalibrationNoteMark(BaseModel):
    """Of a calibration note what tells it from others: for who lists them. The rest of it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str
    chip_id: str
    execution_id: str
    task_id: str
    timestamp: UtcDatetime


class EventModel(Record):
    """Something that happened, for those who listen. Numbered by the store."""

    seq: int = 0
    project_id: str
    kind: str
    """`execution.running`, `task.completed`, ...: what it is about, and the state that was reached."""
    chip_id: str = ""
    execution_id: str = ""
    task_id: str = ""
    data: dict[str, Any] = {}


class LogModel(Record):
    """Some lines that a run has said. Numbered by the store."""

    seq: int = 0
    project_id: str
    execution_id: str
    text: str


CHIP_EVENTS = ("created", "changed", "deleted")
"""What is recorded to have become of a chip."""
TIMETABLE_EVENTS = ("created", "changed", "deleted", "started", "missed", "skipped", "failed")
"""What is recorded to have become of a timetable, and of its moments."""

EVENT_KINDS = (
    *(f"chip.{what}" for what in CHIP_EVENTS),
    "execution.scheduled",
    "execution.running",
    "execution.resumed",
    "execution.cancel_requested",
    *sorted(f"execution.{status}" for status in EXECUTION_ENDS),
    *sorted(f"task.{status}" for status in TASK_ENDS),
    *(f"timetable.{what}" for what in TIMETABLE_EVENTS),
)
"""Every kind of event that is recorded."""
