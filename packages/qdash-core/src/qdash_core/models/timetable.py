"""Timetables for runs that start automatically, digests that are sent automatically, and removals of old data."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.models.digest_request import DigestRequest
from qdash_core.models.fault_limit import FewFaults
from qdash_core.models.keep_request import KeepRequest
from qdash_core.models.request import RunRequest

LEAST_INTERVAL_S, LARGEST_INTERVAL_S = 60.0, 366 * 86_400.0


class Cron(FewFaults, Value):
    """Schedule at times of day, as a cron expression."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "cron", "expression": "0 2 * * *"}]})

    kind: Literal["cron"] = "cron"
    expression: str = Field(max_length=256)
    """Minute, hour, day of the month, month, day of the week, in the zone of the timetable."""


class Interval(FewFaults, Value):
    """Schedule at a fixed interval, independent of changes to summer time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "interval", "every_s": 21_600.0, "anchor": "2026-11-21T06:00:00Z"}]
        }
    )

    kind: Literal["interval"] = "interval"
    every_s: float = Field(ge=LEAST_INTERVAL_S, le=LARGEST_INTERVAL_S, allow_inf_nan=False)
    """In seconds: a minute to a year."""
    anchor: UtcDatetime | None = None
    """First occurrence, from which the others follow; by default the time of the request."""


class Moment(FewFaults, Value):
    """Schedule for a single time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "moment", "at": "2026-11-22T01:00:00Z"}]}
    )

    kind: Literal["moment"] = "moment"
    at: UtcDatetime


When = Annotated[Cron | Interval | Moment, Field(discriminator="kind")]
Missed = Literal["skip", "once"]


class MomentOutcome(Value):
    """Outcome of one occurrence of a timetable."""

    at: UtcDatetime
    """Time of the occurrence, not of its handling."""
    became: Literal["started", "sending", "sent", "pruning", "pruned", "missed", "skipped", "failed"]
    """`sending`, `sent`: the digest is being sent, has been sent; `pruning`, `pruned`: old data are being removed, have been removed;
    `missed`: no process checked in time; `skipped`: the previous run had not ended; `failed`: the run was refused, the digest was not
    sent, or the removal failed."""
    execution_id: str = ""
    """The started execution; empty if none was started."""
    why: str = ""
    """Reason as text; empty if the run started on time. For a digest, the notifiers that did not deliver it; for a removal, what was removed."""


class TimetableActivity:
    """Activity of a timetable: a run, a digest or a removal of old data. Exactly one of the three requests is given."""

    if TYPE_CHECKING:  # fields of the models, in their order
        request: RunRequest | None
        digest: DigestRequest | None
        keep: KeepRequest | None

    @property
    def activity(self) -> str:
        """Name of the flow or task that is started, or `digest`, or `prune`."""
        if self.request is not None:
            return self.request.flow
        return "prune" if self.digest is None else "digest"

    @property
    def chip_id(self) -> str:
        """The chip; empty if only the flow knows it, or the whole project is concerned."""
        wanted = self.digest or self.request
        return (wanted.chip_id if wanted is not None else None) or ""


def check_one_activity(
    request: RunRequest | None, digest: DigestRequest | None, keep: KeepRequest | None
) -> None:
    """Raise InvalidInputError unless exactly one of three requests is given."""
    if sum(one is not None for one in (request, digest, keep)) != 1:
        raise InvalidInputError(
            "a timetable starts a run, sends a digest or removes old data: give one of `request`, `digest` and `keep`"
        )


class TimetableModel(TimetableActivity, Record):
    """A run that starts automatically, a digest that is sent automatically, or a removal of old data, repeatedly or once."""

    project_id: str
    name: str
    username: str
    """User for whom it starts runs, sends digests and removes data: the last one who set these or its times. Rights are checked at
    each occurrence."""
    request: RunRequest | None = None
    """Request of a run, without its user. Without a given flow version, each start uses the newest version of a saved
    flow. None if it starts none."""
    digest: DigestRequest | None = None
    """Digest to send in place of a run."""
    keep: KeepRequest | None = None
    """Ages up to which data of the project are kept, if it removes older ones in place of a run."""
    when: When
    timezone: str
    """Name of the time zone in which a cron expression is evaluated and times are displayed."""
    paused: bool = False
    missed: Missed = "skip"
    """Action for missed occurrences: nothing, or one run or digest for all of them."""
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
    """Time of the machine, not of the home, at which the last digest or removal began; None if the last start was a run."""
    execution_id: str = ""
    """The execution that it started last; empty if there is none."""

    @model_validator(mode="after")
    def _check_activity(self) -> Self:
        check_one_activity(self.request, self.digest, self.keep)
        return self
