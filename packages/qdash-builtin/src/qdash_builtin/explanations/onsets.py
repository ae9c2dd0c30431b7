"""Onset of a failure: the interval between the last success of a task on a target and its first failure since. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_LEAST_SHARED = 0.5
"""Least share of the shorter interval that both failures must have in common."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Interval in which a task began to fail on a target.

    Parameters
    ----------
    after : datetime or None
        Time of the last success, or None if none is known.
    by : datetime or None
        Time of the first failure since, or None if it is unknown.
    """

    after: datetime | None
    by: datetime | None

    def overlaps(self, other: Onset) -> bool:
        """Return whether both failures can have begun at the same time: the intervals share at least half of the shorter one.

        An interval without a beginning or an end is unbounded there. Results of one execution that follow each other within minutes
        therefore do not make a failure of a former night overlap with one of this night.
        """
        starts = [one.after for one in (self, other) if one.after is not None]
        ends = [one.by for one in (self, other) if one.by is not None]
        lengths = [
            one.by - one.after for one in (self, other) if one.after is not None and one.by is not None
        ]
        if not starts or not ends:
            return True
        return min(ends) - max(starts) >= min(lengths, default=timedelta()) * _LEAST_SHARED


def find_onset(failed_at: datetime | None, before: Iterable[tuple[datetime | None, bool]]) -> Onset:
    """Return the onset of a failure.

    `before` has the times of the earlier results of the task on the target, newest first, and whether each was accepted.
    """
    by = failed_at
    for moment, accepted in before:
        if accepted:
            return Onset(moment, by)
        by = moment or by
    return Onset(None, by)
