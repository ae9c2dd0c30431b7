"""Due occurrences of a timetable: which one starts a run, and which were missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from qdash_builtin.timetables.calendar import find_newest_until, get_zone, iter_occurrences
from qdash_core.models.times import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.timetables.models.timetable import TimetableModel

GRACE_S = 60.0
"""Delay within which an occurrence is on time, in seconds."""
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DueOccurrences:
    """Occurrences of a timetable that became due since it was last handled.

    Parameters
    ----------
    must_start : bool
        Whether a run is started for the newest one.
    missed : str
        Description of the missed occurrences, or empty if there are none.
    """

    newest: datetime
    must_start: bool
    missed: str

    @classmethod
    def find(cls, timetable: TimetableModel, now: datetime) -> Self | None:
        """Return the due occurrences, or None if there are none."""
        zone, after = get_zone(timetable.timezone), timetable.considered_until
        limit = now if timetable.until is None else min(now, timetable.until)
        newest = find_newest_until(timetable.when, zone, after=after, until=limit)
        if newest is None:
            return None
        age_s = (now - newest).total_seconds()
        in_time = timetable.begin_within_s is None or age_s < timetable.begin_within_s
        on_time = age_s <= GRACE_S and in_time
        wanted = on_time or (
            timetable.missed == "once" and in_time and (timetable.until is None or now <= timetable.until)
        )
        last = newest
        if on_time:
            before = find_newest_until(timetable.when, zone, after=after, until=newest - _LEAST)
            if before is None:
                return cls(newest, wanted, missed="")
            last = before
        first = next(iter_occurrences(timetable.when, zone, after=after))
        messages = [format_time(one, zone) for one in (first, last)]
        if first == last:
            return cls(newest, wanted, f"its start of {messages[0]} was missed: nobody was there to begin it")
        which = f"its starts from {messages[0]} to {messages[1]}"
        return cls(newest, wanted, f"{which} were missed: nobody was there to begin them")
