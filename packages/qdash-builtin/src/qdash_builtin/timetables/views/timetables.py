"""View model of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.timetables.models.timetable import Missed, MomentOutcome, TimetableActivity, When
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_builtin.timetables.service import TimetableView


class TimetableDocument(TimetableActivity, Document):
    """An activity that starts automatically at planned times: one of its first fields is given."""

    project_id: str
    name: str
    username: str
    """The user on whose behalf it acts: its creator, or the last to change its activity or times."""
    when: When
    timezone: str
    """Name of the time zone of a cron expression, and of the start of a digest."""
    paused: bool
    missed: Missed
    """Handling of starts that were missed: none, or a single one for all of them."""
    until: UtcDatetime | None = None
    """Time after which nothing is started."""
    begin_within_s: float | None = None
    """Deadline for the beginning of a started run, in seconds after its planned time."""
    next_starts: list[UtcDatetime]
    """The next three starts; fewer if there are no more, none while paused."""
    waits_for: OmitEmpty[str] = None
    """The awaited event if its next start is not known yet, such as `the next cool-down of K-0`."""
    next_at: UtcDatetime | None = None
    """The next start that has not been handled; absent if it is paused or over."""
    last: MomentOutcome | None = None
    """Outcome of the most recent planned start."""
    execution_id: OmitEmpty[str] = None
    """The most recent execution that it started."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    """Time of the last change; a start is not a change."""
    advice: OmitEmpty[list[str]] = None
    """Obstacles to its next start, and the ways to remove them."""

    @classmethod
    def from_view(cls, view: TimetableView, *, advice: Sequence[str] = ()) -> Self:
        """Return the view model of a timetable."""
        return cls.from_record(
            view.timetable, next_starts=view.next_starts, waits_for=view.waits_for, advice=[*advice]
        )

    @classmethod
    def from_removed(cls, timetable: TimetableModel) -> Self:
        """Return the view model of a removed timetable, which starts nothing."""
        return cls.from_record(timetable, next_starts=[], next_at=None)
