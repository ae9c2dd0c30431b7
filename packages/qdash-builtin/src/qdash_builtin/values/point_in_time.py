"""Points in time at which a chip had values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.nights import find_last_time, find_night
from qdash_core.models.times import parse_moment
from qdash_core.repositories.executions import ExecutionRepository

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import tzinfo

    from qdash_builtin.values.release import ReleaseModel
    from qdash_core.repositories.repositories import Repositories

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_EXECUTION = re.compile(r"[0-9]{8}-[0-9]{3,}")
_DURATION = re.compile(r"[0-9.]+\s*[A-Za-z]+")
_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


class PointKind(StrEnum):
    """Kind of a point in time. A kind with a name is written as `KIND:NAME`."""

    TIME = "time"
    EXECUTION = "execution"
    """The end of an execution."""
    RELEASE = "release"
    COOLDOWN = "cooldown"
    """The end of a cool-down."""
    COOLDOWN_START = "cooldown-start"
    """The first values that were measured in a cool-down."""
    CHIP = "chip"
    """The present state of a chip."""
    DAY = "day"
    """The end of a day, with the states of its daily copies."""
    NOW = "now"

    @property
    def example(self) -> str:
        """The point as a user writes it, for messages."""
        return _EXAMPLES[self]


_EXAMPLES = {
    PointKind.TIME: "a time such as '2026-11-20 18:00' or 'last-night'",
    PointKind.EXECUTION: "an execution id",
    PointKind.RELEASE: "'release:NAME'",
    PointKind.COOLDOWN: "'cooldown:ID'",
    PointKind.COOLDOWN_START: "'cooldown-start:ID'",
    PointKind.CHIP: "'chip:ID'",
    PointKind.DAY: "'day:DATE'",
    PointKind.NOW: "'now'",
}
_NAMED = (PointKind.RELEASE, PointKind.COOLDOWN, PointKind.COOLDOWN_START, PointKind.CHIP, PointKind.DAY)
PAST_POINTS = (PointKind.TIME, PointKind.EXECUTION, PointKind.RELEASE)
"""Points to which values are reverted."""


@dataclass(frozen=True, slots=True)
class PointInTime:
    """A time, the end of an execution, the start or end of a cool-down, a release, or the present state of a chip.

    Parameters
    ----------
    text : str
        The point as the user wrote it; a duration before now and a time of day as the time.
    moment : datetime or None
        The time of a point of the kind `time`, `day` or `now`; of today it is now.
    name : str
        Id of the execution, cool-down or chip, name of the release, or the date; empty for other points.
    """

    text: str
    kind: PointKind
    moment: datetime | None = None
    name: str = ""

    @classmethod
    def parse(
        cls, text: str, zone: tzinfo, *, now: datetime, kinds: Collection[PointKind] = PAST_POINTS
    ) -> PointInTime:
        """Parse a point in time.

        Parameters
        ----------
        text : str
            A time (`2026-11-20 18:00`), the last time with a time of day (`18:00`), a time before now (`12h`), `last-night` or
            `night-before-last` (the start of the night, 18:00), an execution id, `release:NAME`, `cooldown:ID`, `cooldown-start:ID`, `chip:ID`, `day:2026-11-20`, or `now`.
        zone : tzinfo
            Time zone of a time that names none.

        Raises
        ------
        InvalidInputError
            If it is none of these, or a time in the future.
        """
        text = text.strip()
        point = cls._parse(text, zone, now)
        if point is None or point.kind not in kinds:
            *first, last = (one.example for one in PointKind if one in kinds)
            raise InvalidInputError(f"{text!r} is not a point in time: write {', '.join(first)} or {last}")
        if point.moment is not None and point.moment > now:
            raise InvalidInputError(f"{text!r} is in the future")
        if point.moment is not None and point.moment < _EARLIEST:
            raise InvalidInputError(f"{text!r} is before 1970: write a later time")
        return point

    @classmethod
    def _parse(cls, text: str, zone: tzinfo, now: datetime) -> PointInTime | None:
        for kind in _NAMED:
            if text.startswith(f"{kind}:"):
                name = text.partition(":")[2].strip()
                if not name:
                    raise InvalidInputError(f"{text!r} names no {kind}: write {kind.example}")
                return (
                    cls._parse_day(name, zone, now)
                    if kind is PointKind.DAY
                    else cls(f"{kind}:{name}", kind, name=name)
                )
        if text == PointKind.NOW:
            return cls(text, PointKind.NOW, moment=now)
        if _EXECUTION.fullmatch(text):
            return cls(text, PointKind.EXECUTION, name=text)
        if (night := find_night(text, zone, now=now)) is not None:
            return cls(night[0].astimezone(zone).isoformat(), PointKind.TIME, moment=night[0])
        time_of_day = _TIME_OF_DAY.fullmatch(text)
        try:
            moment = (
                parse_moment(text, zone, now=now)
                if time_of_day is None
                else find_last_time(int(time_of_day[1]), int(time_of_day[2]), zone, now=now)
            )
        except InvalidInputError:
            return None
        rewritten = moment >= _EARLIEST and (time_of_day is not None or _DURATION.fullmatch(text))
        return cls(moment.astimezone(zone).isoformat() if rewritten else text, PointKind.TIME, moment=moment)

    @classmethod
    def _parse_day(cls, text: str, zone: tzinfo, now: datetime) -> PointInTime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise InvalidInputError(f"{text!r} is not a date: write 2026-11-20") from None
        today = now.astimezone(zone).date()
        if day > today:
            raise InvalidInputError(f"{day} is in the future: today is {today} in {zone}")
        end = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
        return cls(f"day:{day}", PointKind.DAY, min(end, now), day.isoformat())

    @property
    def day(self) -> date:
        """The date of a day."""
        return date.fromisoformat(self.name)

    @property
    def execution_id(self) -> str:
        """Id of the execution, or empty."""
        return self.name if self.kind is PointKind.EXECUTION else ""

    def find_release(self, repositories: Repositories, project_id: str, chip_id: str) -> ReleaseModel | None:
        """Return the release, or None for another point; raise NotFoundError if there is no such release."""
        if self.kind is not PointKind.RELEASE:
            return None
        return repositories.of(ReleaseRepository).require(project_id, chip_id, self.name)

    def find_moment(self, repositories: Repositories, project_id: str, chip_id: str) -> datetime:
        """Return the time of a point of the kind `time`, `now` or `execution`; that of an execution is its end.

        Raises
        ------
        NotFoundError, InvalidInputError, ConflictError
            If there is no such execution, it ran on another chip, or it has not ended.
        """
        if self.moment is not None:
            return self.moment
        execution = repositories.of(ExecutionRepository).require(project_id, self.name)
        if execution.chip_id != chip_id:
            raise InvalidInputError(f"execution {self.name} ran on chip {execution.chip_id}, not {chip_id}")
        if not execution.status.terminal or execution.end_at is None:
            raise ConflictError(
                f"execution {self.name} is {execution.status}: its end is a point in time only after it has ended"
            )
        return execution.end_at


def name_release(name: str) -> str:
    """Return the point in time of the name of a release, or of `now`."""
    return name if name == PointKind.NOW else f"{PointKind.RELEASE}:{name}"
