"""The kinds of activities of timetables. A new kind is a class here, and a field of `ActivityFields`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.timetables.activity import Activity, ThreadedActivity
from qdash_builtin.timetables.backups import BackupActivity
from qdash_builtin.timetables.digests import DigestActivity
from qdash_builtin.timetables.models.timetable import find_activity_field
from qdash_builtin.timetables.removals import RemovalActivity
from qdash_builtin.timetables.runs import RunActivity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_builtin.timetables.models.timetable import TimetableActivity

KINDS: tuple[type[Activity[Any]], ...] = (RunActivity, DigestActivity, RemovalActivity, BackupActivity)
"""Kinds of activities. Of several whose option is given, the last one is meant."""
BUSY = frozenset(kind.busy for kind in KINDS if issubclass(kind, ThreadedActivity))
"""Outcomes of occurrences that are being performed."""
DONE = frozenset(kind.done for kind in KINDS)
"""Outcomes of occurrences that succeeded."""


def make_activity(requests: Mapping[str, object]) -> Activity[Any]:
    """Return the activity of the request that is given, by field; raise InvalidInputError unless it is one."""
    field = find_activity_field(requests)
    return next(kind for kind in KINDS if kind.field == field)(requests[field])


def get_activity(timetable: TimetableActivity) -> Activity[Any]:
    """Return the activity of a timetable."""
    return make_activity(vars(timetable))


def select_kind(options: Collection[str]) -> type[Activity[Any]]:
    """Return the kind of activity that options of the command line select: a run if none does."""
    return next((kind for kind in reversed(KINDS) if kind.selected_by in options), RunActivity)
