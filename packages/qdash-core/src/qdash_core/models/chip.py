"""Chips, their qubits and couplings, and the daily copies of each."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from qdash_core.models.base import Note, NotedRecord, Record, ShownMoment, UtcDatetime, Value
from qdash_core.models.estimates import Parameter
from qdash_core.models.fault_limit import ENTRY, FewFaults
from qdash_core.models.judgement import FailureKind
from qdash_core.models.specification import FormerSpecification, Specification
from qdash_core.process.clock import utc_now


class TargetStatus(StrEnum):
    """State of a qubit or coupling."""

    PENDING = "pending"
    CALIBRATED = "calibrated"
    FAILED = "failed"
    EXCLUDED = "excluded"
    DEAD = "dead"

    @property
    def set_aside(self) -> bool:
        """True for a status that only users set and clear. No flow measures such a target."""
        return self in (TargetStatus.EXCLUDED, TargetStatus.DEAD)


class ParameterModel(Value):
    """Stored value: the estimate, its unit and its origin."""

    value: float | int
    value_type: str = "float"
    error: float | None = None
    unit: str = ""
    description: str = ""
    calibrated_at: UtcDatetime | None = None
    execution_id: str = ""
    task_id: str = ""
    simulated: bool | None = None
    """True if it was measured on a simulation of a chip that has another backend, else None."""
    condition: str | None = None
    """Condition of the measurement on which the quantity depends, such as `read alone`; None if unknown, or if there is none."""

    def with_estimate(self, estimate: Parameter) -> "ParameterModel":
        """Return the value with another number, error and unit, of the same origin."""
        changes = {"value": estimate.value, "error": estimate.error, "unit": estimate.unit}
        return self.model_copy(update=changes)


class StoredValue(TypedDict, total=False):
    """Compact projection of a stored value to the displayed fields, for bulk reading."""

    value: float | int
    error: float | None
    unit: str
    calibrated_at: ShownMoment | None
    execution_id: str
    task_id: str
    simulated: bool | None
    condition: str | None


class MeasuredAttempt(Value):
    """A measurement of a parameter and its outcome."""

    task: str
    task_id: str
    execution_id: str
    measured_at: UtcDatetime
    """Start of the measurement."""
    ended_at: UtcDatetime
    """End of the result, which is later for a refit."""
    text: str
    """The outcome with its reason, such as `CheckRabi failed: no oscillation`; a long one is cut."""
    kind: FailureKind = FailureKind.COULD_NOT_TELL
    """Kind of a failure; without meaning for another outcome."""
    times: int = 1
    """Number of measurements in a row, this one included, that gave no accepted value of the parameter."""
    first_at: UtcDatetime | None = None
    """Start of the first measurement in this row, or None if unknown."""
    absent_since: UtcDatetime | None = None
    """Start of the first of two measurements in this row that followed each other in one run and showed no signal, or None if there are
    none: the absence of the signal is confirmed from then on."""


class TrustOverride(Value):
    """Statement of a user that a doubtful value may be trusted until a time."""

    username: str
    reason: str
    since: UtcDatetime
    until: UtcDatetime
    task_id: str = ""
    """Result of the trusted value; the statement does not hold for another one."""


Line = Literal["readout", "drive"]
"""Line of a qubit on whose settings a value may depend."""


class SettingChange(Value):
    """Recorded change of a setting of a line or box, such as a pump, an oscillator, an attenuation or a firmware."""

    resource: str
    """The changed resource, such as `multiplexer 13` or `module U10B`."""
    name: str
    """The setting, such as `pump power`."""
    before: str
    after: str
    at: UtcDatetime
    """Time of the change."""
    recorded_at: UtcDatetime
    username: str
    lines: list[Line]
    """Lines of the qubit that the resource belongs to."""

    def __str__(self) -> str:
        return f"{self.name} of {self.resource} changed from {self.before} to {self.after} at {self.at:%Y-%m-%d %H:%M} UTC"


class StatusReason(Value):
    """Reason for the status of a qubit or coupling, with the result that decided it."""

    text: str
    task_id: str
    execution_id: str
    since: UtcDatetime | None = None
    """Time since when the expected signal is absent, or None for another reason."""


class StoredAttempt(TypedDict, total=False):
    """Compact projection of a stored `MeasuredAttempt`, for bulk reading."""

    task: Required[str]
    task_id: Required[str]
    execution_id: Required[str]
    measured_at: Required[UtcDatetime]
    ended_at: Required[ShownMoment]
    text: Required[str]
    kind: FailureKind
    times: int
    first_at: UtcDatetime | None
    absent_since: UtcDatetime | None


class StoredOverride(TypedDict):
    """Compact projection of a stored `TrustOverride`, for bulk reading."""

    username: str
    reason: str
    since: UtcDatetime
    until: UtcDatetime
    task_id: str


class StoredValues(TypedDict, total=False):
    """Compact projection of a stored qubit or coupling to its latest accepted values and the evidence on it."""

    qid: Required[str]
    data: Required[dict[str, StoredValue]]
    status: Required[TargetStatus]
    status_reason: StatusReason | None
    failures: dict[str, StoredAttempt]
    disputes: dict[str, StoredAttempt]
    overrides: dict[str, StoredOverride]
    settings: list[SettingChange]


class MuxLines(FewFaults, Value):
    """Instrument lines of a multiplexer and its qubits, each as module and port: `U10B-5`."""

    mux: int
    ctrl: list[Annotated[str, ENTRY]]
    """One a qubit, in order of number."""
    read_out: str
    read_in: str
    pump: str | None = None


class WiringModel(FewFaults, Value):
    """The wiring of a chip."""

    lines: list[MuxLines]
    boxes: dict[str, Annotated[str, ENTRY]] = {}
    """Class of the box of a module, if the last letter of its name does not tell it."""


class DesignChange(Value):
    """Change of design values of a chip by a user."""

    at: UtcDatetime
    username: str
    designs: dict[str, list[str]]
    """Names of the changed design values by qubit or coupling."""


class ChipModel(NotedRecord):
    """A chip. Its qubits and couplings are documents of their own."""

    project_id: str
    username: str
    chip_id: str
    size: int
    topology_id: str
    backend: str
    current_cooldown_id: str | None = None
    installed_at: UtcDatetime = Field(default_factory=utc_now)
    wiring: WiringModel | None = None
    """None if unknown."""
    specification: Specification = {}
    """Asked limits of its values; the metrics file holds for other metrics."""
    former_specifications: list[FormerSpecification] = []
    """Limits before each change of them, oldest first: a digest of the past is judged by those of its end."""
    design_changes: list[DesignChange] = []
    """Newest changes of its design values by users, oldest first."""
    assessed: bool = False
    """True if its qubits and couplings keep the outcomes of their measurements; the next run adds those of older records."""


DesignValues = dict[str, float | None]
"""Design values by name. None states that there is no value, even if another source has one."""


class StatusBeneath(Value):
    """Status of a target before a user set it aside."""

    status: TargetStatus
    status_at: UtcDatetime | None = None
    status_reason: StatusReason | None = None


class FormerEvidence(StatusBeneath):
    """Status of a target and the evidence on it before a change, with its note."""

    failures: dict[str, MeasuredAttempt] = {}
    disputes: dict[str, MeasuredAttempt] = {}
    overrides: dict[str, TrustOverride] = {}
    settings: list[SettingChange] = []
    note: Note = Note.model_construct()


class EvidenceChangeModel(Record):
    """State of a qubit or coupling before a change of its status or of the evidence on it. `created_at` is the time of the change."""

    project_id: str
    chip_id: str
    qid: str
    before: FormerEvidence


class _Target(NotedRecord):
    project_id: str
    username: str
    chip_id: str
    qid: str
    status: TargetStatus = TargetStatus.PENDING
    status_at: UtcDatetime | None = None
    """Time when the status was last set, or None if unknown."""
    status_reason: StatusReason | None = None
    """Reason for the status, if a result decided it."""
    status_beneath: StatusBeneath | None = None
    """Status that an excluded or dead target gets again when it is included; None in records older than this field."""
    data: dict[str, ParameterModel] = {}
    """The latest accepted value of each parameter."""
    failures: dict[str, MeasuredAttempt] = {}
    """The newest measurement of each parameter, where it failed or was rejected and none was accepted since."""
    disputes: dict[str, MeasuredAttempt] = {}
    """The newest flagged measurement of each parameter, where it awaits a decision and none was accepted since."""
    overrides: dict[str, TrustOverride] = {}
    """The last statement of a user on each parameter that its value may be trusted; it may have ended."""
    settings: list[SettingChange] = []
    """Recorded changes of the settings of its lines and boxes."""
    design: DesignValues = {}
    """Known design values (`chips.design` has their names and units)."""

    @property
    def absent(self) -> list[MeasuredAttempt]:
        """Failures of parameters with a value in use whose signal is confirmed to be absent."""
        failures = self.failures.items()
        return [one for name, one in failures if one.absent_since is not None and name in self.data]

    def to_document(self) -> dict[str, Any]:
        data = {name: dict(vars(value)) for name, value in self.data.items()}  # scalars: a third of the time
        return {**self.model_dump(exclude={"data"}), "data": data}

    def get_stored_values(self) -> StoredValues:
        """Return the projection that `TargetRepository.list_values` reads, with times as datetimes."""
        data: Any = {name: vars(value) for name, value in self.data.items()}
        found: StoredValues = {"qid": self.qid, "data": data, "status": self.status}
        found["status_reason"], found["settings"] = self.status_reason, self.settings
        return {**found, **self.model_dump(include={"failures", "disputes", "overrides"})}  # type: ignore[typeddict-item]

    def expects_signal(self, names: Iterable[str]) -> bool:
        """Return whether a measurement of these parameters should show a signal: one has a value in use, and none is known to be absent."""
        return not self.absent and any(name in self.data for name in names)


class QubitModel(_Target):
    """A qubit with its position and latest accepted values."""

    row: int | None = None
    col: int | None = None
    mux: int | None = None


class CouplingModel(_Target):
    """A coupling `"a-b"` with a < b, with its latest accepted values."""

    control: str | None = None
    """The control qubit, or None if no direction has been chosen."""


class QubitHistoryModel(QubitModel):
    """Daily copy of a qubit: its state at the end of a day, or the present state for today."""

    recorded_date: str
    """YYYYMMDD in the configured zone."""
    cooldown_id: str | None = None


class CouplingHistoryModel(CouplingModel):
    """Daily copy of a coupling: its state at the end of a day, or the present state for today."""

    recorded_date: str
    cooldown_id: str | None = None


class ChipHistoryModel(Record):
    """Daily copy of the header of a chip. Its qubits and couplings have daily copies of their own."""

    project_id: str
    username: str
    chip_id: str
    size: int
    n_couplings: int
    n_calibrated: int
    installed_at: UtcDatetime
    recorded_date: str
