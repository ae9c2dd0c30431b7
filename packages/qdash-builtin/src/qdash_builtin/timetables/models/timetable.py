"""Timetables: runs, digests, removals of old data and backups that start automatically."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qdash_builtin.home.model import BackupRequest
from qdash_builtin.home.pruning.keep_request import KeepRequest
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.models.fault_limit import FewFaults
from qdash_core.models.request import RunRequest

LEAST_INTERVAL_S, LARGEST_INTERVAL_S = 60.0, 366 * 86_400.0


class Cron(FewFaults, Value):
    """Schedule at times of day, as a cron expression."""

    kind: Literal["cron"] = "cron"
    expression: str = Field(max_length=256)
    """Minute, hour, day of the month, month, day of the week, in the zone of the timetable."""


class Interval(FewFaults, Value):
    """Schedule at a fixed interval, independent of changes to summer time."""

    kind: Literal["interval"] = "interval"
    every_s: float = Field(ge=LEAST_INTERVAL_S, le=LARGEST_INTERVAL_S, allow_inf_nan=False)
    """In seconds: a minute to a year."""
    anchor: UtcDatetime | None = None
    """First occurrence, from which the others follow; by default the time of the request."""


class Moment(FewFaults, Value):
    """Schedule for a single time."""

    kind: Literal["moment"] = "moment"
    at: UtcDatetime


class AfterCooldown(FewFaults, Value):
    """Schedule after each cool-down of the chip, once it is at base temperature."""

    kind: Literal["after_cooldown"] = "after_cooldown"
    at: UtcDatetime | None = None
    """Time of the start in the present cool-down, or None until it is known. QDash sets it: that of a request is not used."""


When = Annotated[Cron | Interval | Moment | AfterCooldown, Field(discriminator="kind")]
Missed = Literal["skip", "once"]


Became = Literal[
    "started", "sending", "sent", "pruning", "pruned", "saving", "saved", "missed", "skipped", "failed"
]


class MomentOutcome(Value):
    """Outcome of one occurrence of a timetable."""

    at: UtcDatetime
    """Time of the occurrence, not of its handling."""
    became: Became
    """`sending`, `sent`: the digest is being sent, has been sent; `pruning`, `pruned`: old data are being removed, have been removed;
    `saving`, `saved`: the backup is being made, has been made; `missed`: no process checked in time; `skipped`: the previous start had not ended; `failed`: the run was refused, or what had begun
    failed."""
    execution_id: str = ""
    """The started execution; empty if none was started."""
    why: str = ""
    """Reason as text; empty if the run started on time. For a digest, the notifiers that did not deliver it; for a removal, what was removed;
    for a backup, its file."""


ActivityRequest = RunRequest | DigestRequest | KeepRequest | BackupRequest


class ActivityFields(BaseModel):
    """Fields for the activity of a timetable: each kind of activity has one.

    `qdash_builtin.timetables.activities` declares the kinds.
    """

    model_config = ConfigDict(defer_build=True)

    request: RunRequest | None = None
    """Run to start; its user is that of the timetable. For a saved flow without a version, each start uses the newest one. Absent for
    others."""
    digest: DigestRequest | None = None
    """Digest to send, by the notifiers of the workers. Absent for others."""
    keep: KeepRequest | None = None
    """Ages up to which data of the project are kept; older ones are removed unless something refers to them. For owners. Absent for others."""
    backup: BackupRequest | None = None
    """Backup of the whole store to make, for owners of project `default`. Absent for others."""


def find_activity_field(requests: Mapping[str, object]) -> str:
    """Return the field of the activity whose request is given; raise InvalidInputError unless it is one."""
    given = [name for name in ActivityFields.model_fields if requests.get(name) is not None]
    if len(given) != 1:
        raise InvalidInputError(
            f"a timetable does one thing: give one of {', '.join(ActivityFields.model_fields)}, not {' and '.join(given) or 'none'}"
        )
    return given[0]


class TimetableActivity(ActivityFields):
    """Activity of a timetable: one of the fields is given."""

    @model_validator(mode="after")
    def _check_activity(self) -> Self:
        find_activity_field(vars(self))
        return self

    @property
    def chip_id(self) -> str:
        """The chip; empty if only the flow knows it, or the whole project is concerned."""
        request: ActivityRequest = getattr(self, find_activity_field(vars(self)))
        return getattr(request, "chip_id", None) or ""


class TimetableModel(TimetableActivity, Record):
    """An activity that starts automatically, repeatedly or once."""

    project_id: str
    name: str
    username: str
    """User for whom it acts: the last one who set its activity or times. Rights are checked at each occurrence."""
    when: When
    timezone: str
    """Name of the time zone in which a cron expression is evaluated and times are displayed."""
    paused: bool = False
    missed: Missed = "skip"
    """Action for missed occurrences: nothing, or one start for all of them."""
    until: UtcDatetime | None = None
    """Time after which nothing is started, or None if there is no end."""
    begin_within_s: float | None = Field(default=None, gt=0, le=LARGEST_INTERVAL_S, allow_inf_nan=False)
    """Maximum delay of a queued start after its due time, in seconds, or None if it may wait indefinitely."""
    considered_until: UtcDatetime
    """Time up to which due times have been handled."""
    next_at: UtcDatetime | None = None
    """Next due time after `considered_until`, by which due timetables are found. None if paused or
    finished."""
    last: MomentOutcome | None = None
    """Outcome of the newest handled due time, or of a manual start."""
    sending_since: UtcDatetime | None = None
    """Time of the machine, not of the home, at which an activity other than a run began, or its process was last recorded as alive; None
    for a run."""
    execution_id: str = ""
    """The execution that it started last; empty if there is none."""
    cooldown_id: str = ""
    """Cool-down for which it started last or is to start, so that it starts once in each; empty if there is none."""
