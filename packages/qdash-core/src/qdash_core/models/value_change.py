"""Changes of the values of chips, decisions of users on results, and value scopes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.models.chip import ParameterModel, SettingChange, TargetStatus, TrustOverride
from qdash_core.models.decision import Decision


class ValueEventKind(StrEnum):
    """Kind of a value event."""

    CALIBRATED = "calibrated"
    """A run accepted a result."""
    TURNED = "turned"
    """The direction of couplings was set."""
    ANALYSED = "analysed"
    """A user recorded an analysis of their own."""
    SET = "set"
    """A user entered values."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    USED = "used"
    """A user chose a result, whatever its age."""
    TRUSTED = "trusted"
    """A user trusts values in use until a time."""
    RECONFIGURED = "reconfigured"
    """A user, or a script of the laboratory, recorded a changed setting of a line or box."""
    REVERTED = "reverted"
    """A user restored the values of another time or of a release."""
    IMPORTED = "imported"
    """A user imported values from a file, or with a new chip."""
    ADOPTED = "adopted"
    """A user adopted the values of a simulated execution."""
    CONVERTED = "converted"
    """A user converted values to the units in which tasks declare them."""
    COMMITTED = "committed"
    """A user committed a value scope."""
    UNDONE = "undone"
    """A user undid an earlier event."""

    @property
    def by_hand(self) -> bool:
        """True if a user caused the change, not a run."""
        return self not in (ValueEventKind.CALIBRATED, ValueEventKind.TURNED)


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """Value of a parameter before and after a change; None where there was none.

    A dataclass, because an event can have tens of thousands of them.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    before: ParameterModel | None = None
    after: ParameterModel | None = None


class ChangedDecision(Value):
    """Decision on a parameter of a result before and after a change; None where there was none."""

    before: Decision | None = None
    after: Decision | None = None


class ChangedOverride(Value):
    """Statement that the value of a parameter may be trusted, before and after a change; None where there was none."""

    before: TrustOverride | None = None
    after: TrustOverride | None = None


class ChangedSetting(Value):
    """Record of a changed setting that an event adds (`after`) or takes back (`before`)."""

    before: SettingChange | None = None
    after: SettingChange | None = None


class ChangedControl(Value):
    """Control qubit of a coupling before and after a change; None where no direction is chosen."""

    before: str | None = None
    after: str | None = None


class ChangedStatus(Value):
    """Status of a qubit or coupling before and after a change, with the times when they were set, if known."""

    before: TargetStatus
    after: TargetStatus
    before_at: UtcDatetime | None = None
    after_at: UtcDatetime | None = None

    @property
    def inverse(self) -> Self:
        """The change back."""
        return type(self)(
            before=self.after, after=self.before, before_at=self.after_at, after_at=self.before_at
        )


class ValueEventMark(BaseModel):
    """Compact projection of a part of a value event to the number and the time of the event."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    number: int
    created_at: UtcDatetime


class ValueChangeModel(Record):
    """Part of a value event that concerns one qubit or coupling. All parts of an event have its number.

    `created_at` is the time of the event.
    """

    project_id: str
    chip_id: str
    number: int
    """Number of the event, counted in the project from 1."""
    qid: str
    kind: ValueEventKind
    username: str
    reason: str = ""
    execution_id: str = ""
    task_id: str = ""
    """The result of this target that was recorded, decided on or used; empty if there are several or none."""
    source: str = ""
    """Point in time or release of a reversion, or the imported file; the undo of an event has the source of that event."""
    scope: str = ""
    """The value scope of a commit or of its undo."""
    undoes: int | None = None
    """Number of the undone event."""
    values: dict[str, ChangedValue] = {}
    """Changed values by parameter."""
    decisions: dict[str, ChangedDecision] = {}
    """Changed decisions on the result `task_id`, by parameter."""
    overrides: dict[str, ChangedOverride] = {}
    """Changed statements that values may be trusted, by parameter."""
    setting: ChangedSetting | None = None
    """Record of a changed setting, or None if there is none."""
    control: ChangedControl | None = None
    """Changed direction of a coupling, or None if it did not change."""
    status: ChangedStatus | None = None
    """Changed status, or None if it did not change."""

    def to_document(self) -> dict[str, Any]:
        values = {
            name: {"before": _copy_value(change.before), "after": _copy_value(change.after)}
            for name, change in self.values.items()
        }
        return {**self.model_dump(exclude={"values"}), "values": values}

    @property
    def parameters(self) -> dict[str, None]:
        """Parameters whose value, decision or trust changed, in order, or the name of the changed setting."""
        setting = self.setting and (self.setting.after or self.setting.before)
        names = (*self.values, *self.decisions, *self.overrides, *([setting.name] if setting else ()))
        return dict.fromkeys(names)


def _copy_value(value: ParameterModel | None) -> dict[str, Any] | None:
    """Return the fields of a value, which are scalars, in a third of the time of pydantic."""
    return None if value is None else dict(vars(value))


class ScopeStatus(StrEnum):
    """Status of a value scope."""

    OPEN = "open"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class ValueScopeModel(Record):
    """Named set of values that runs read before the chip's values and write instead of them.

    The values are the accepted results of the runs in the scope.
    """

    project_id: str
    chip_id: str
    name: str
    username: str
    status: ScopeStatus = ScopeStatus.OPEN
    executions: list[str] = []
    """Executions of the runs in the scope, in the order in which they started."""
    statuses: dict[str, TargetStatus] = {}
    """Statuses of qubits and couplings in the scope; the chip has its own until a commit."""
    status_times: dict[str, UtcDatetime] = {}
    """Time when each status was set."""
    closed_by: str = ""
    closed_at: UtcDatetime | None = None
    reason: str = Field(default="", max_length=2000)
    """Reason for the commit or discard."""
    event: int | None = None
    """Number of the value event of the commit."""
