"""Outcomes of timetables: run, outcome and events in one transaction."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeGuard

from qdash_builtin.timetables.activities import BUSY, DONE, get_activity
from qdash_builtin.timetables.activity import ThreadedActivity
from qdash_builtin.timetables.calendar import find_next_start
from qdash_builtin.timetables.events import log_outcome
from qdash_builtin.timetables.models.timetable import MomentOutcome
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import NEVER
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.runs.submission import Submission, SubmissionService
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel, ExecutionModel
    from qdash_core.runtime.runtime import Runtime

logger = logging.getLogger(__name__)

_LATER = timedelta(hours=1)
"""Time until the next check of a timetable whose zone this machine does not know."""
_LOST_AFTER = timedelta(minutes=2)
"""Time without a record that the process lives after which an occurrence that is being performed counts as lost."""
_AS_EXPECTED = frozenset(f"timetable.{done}" for done in DONE)


class AlreadyHandledError(ConflictError):
    """A timetable was started or changed by another process since it was read."""


class TimetableStarts:
    """Starts of the timetables of one store, by the clock or by hand, and records of other outcomes."""

    def __init__(self, runtime: Runtime, submissions: SubmissionService) -> None:
        self._runtime, self._submissions = runtime, submissions

    def submit(
        self,
        access: Access,
        timetable: TimetableModel,
        outcome: MomentOutcome,
        *,
        considered_until: datetime,
        missed: str = "",
    ) -> Submission:
        """Submit the run of a timetable, and record the outcome of its occurrence in the same transaction.

        Raises
        ------
        AlreadyHandledError
            If another process was first. Nothing has been written then.
        QDashError
            As `SubmissionService.submit`.
        """
        events: list[EventModel] = []

        def write(repositories: Repositories, execution: ExecutionModel) -> None:
            started = outcome.model_copy(update={"execution_id": execution.execution_id})
            events[:] = _write(repositories, timetable, considered_until, started, missed=missed)

        within_s = timetable.begin_within_s
        assert timetable.request is not None, "others have threads"
        submission = self._submissions.submit(
            access,
            timetable.request,
            begin_before=None if within_s is None else outcome.at + timedelta(seconds=within_s),
            also=write,
        )
        self._tell(events)
        return submission

    def find_obstacle(self, timetable: TimetableModel, now: datetime) -> str:
        """Return a message if the last run has not ended, or empty text if the next one can start at `now`.

        This is before the end of the last run if a simulated clock has leapt over both.
        """
        if not timetable.execution_id:
            return ""
        where = timetable.project_id, timetable.execution_id
        entry = self._runtime.repositories.of(QueueRepository).find(*where)
        if entry is None and not self._runtime.clock.simulated:
            return ""
        if entry is None:
            execution = self._runtime.repositories.of(ExecutionRepository).find(*where)
            if execution is None or execution.end_at is None or execution.end_at <= now:
                return ""
            return f"its last start, execution {execution.execution_id}, ran still"
        does = "runs" if entry.performer else "is held" if entry.held else "waits"
        return f"its last start, execution {entry.execution_id}, {does} still"

    def write_without_run(
        self,
        timetable: TimetableModel,
        considered_until: datetime,
        outcome: MomentOutcome | None = None,
        *,
        missed: str = "",
        sending_since: datetime | None = None,
    ) -> None:
        """Record the outcome of occurrences without a run; AlreadyHandledError as `submit`."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            events = _write(
                repositories, timetable, considered_until, outcome, missed=missed, sending_since=sending_since
            )
        self._tell(events)

    def write_busy(
        self, timetable: TimetableModel, considered_until: datetime, at: datetime
    ) -> MomentOutcome:
        """Record that an occurrence is skipped because the last one is still performed, whose outcome stays; AlreadyHandledError as `submit`."""
        skipped = MomentOutcome(at=at, became="skipped", why="its last start has not ended")
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            _move(repositories, timetable, considered_until, {})
            events = log_outcome(repositories, timetable, skipped, missed="")
        self._tell(events)
        return skipped

    def record_end(self, timetable: TimetableModel, began: MomentOutcome, ended: MomentOutcome) -> None:
        """Replace the outcome of an occurrence that was being performed, unless its timetable was removed or handled a later one.

        An end after the occurrence was recorded as lost still replaces that outcome.
        """
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.of(TimetableRepository).find(timetable.project_id, timetable.name)
            if found is None or found.last == ended or found.last not in (began, _make_lost(found, began)):
                return
            repositories.of(TimetableRepository).put(found.model_copy(update={"last": ended}))
            events = log_outcome(repositories, found, ended, missed="")
        self._tell(events)

    def record_alive(self, timetable: TimetableModel, began: MomentOutcome, real: datetime) -> None:
        """Record that the process that performs an occurrence lives, at a time of the machine."""
        with self._runtime.store.transaction() as transaction:
            timetables = Repositories(transaction).of(TimetableRepository)
            found = timetables.find(timetable.project_id, timetable.name)
            if found is not None and found.last == began:
                timetables.put(found.model_copy(update={"sending_since": real}))

    def is_busy(self, timetable: TimetableModel, real: datetime) -> bool:
        """Return whether the last occurrence of a timetable is still being performed, at a time of the machine."""
        return _is_performed(timetable.last) and not _is_lost(timetable, real)

    def record_lost_occurrences(self, now: datetime) -> None:
        """Record the failure of every occurrence that is being performed by a process which must have ended."""
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = [
                timetable
                for project in repositories.of(ProjectRepository).list_all()
                for timetable in repositories.of(TimetableRepository).list_by_project(project.project_id)
            ]
        for one in found:
            if _is_performed(one.last) and _is_lost(one, now):
                self.record_end(one, one.last, _make_lost(one, one.last))

    def _tell(self, events: Sequence[EventModel]) -> None:
        for event in events:
            level = logging.INFO if event.kind in _AS_EXPECTED else logging.WARNING
            what = event.data["message"] or event.execution_id
            logger.log(
                level, "timetable %s of %s: %s: %s", event.data["name"], event.project_id, event.kind, what
            )
            self._runtime.announcers.announce(event)


def _write(
    repositories: Repositories,
    timetable: TimetableModel,
    considered_until: datetime,
    outcome: MomentOutcome | None,
    *,
    missed: str,
    sending_since: datetime | None = None,
) -> list[EventModel]:
    """Record the outcome of occurrences in a transaction, and return its events.

    AlreadyHandledError as `submit`.
    """
    changes: dict[str, object] = {"sending_since": sending_since}
    if outcome is not None:
        changes |= {"last": outcome, "execution_id": outcome.execution_id or timetable.execution_id}
    _move(repositories, timetable, considered_until, changes)
    if outcome is None:
        return []
    lost = _log_lost_occurrence(repositories, timetable)
    return [*lost, *log_outcome(repositories, timetable, outcome, missed=missed)]


def _move(
    repositories: Repositories,
    timetable: TimetableModel,
    considered_until: datetime,
    changes: Mapping[str, object],
) -> None:
    """Record that occurrences are handled, with other changes; AlreadyHandledError as `submit`."""
    moved = timetable.model_copy(update={**changes, "considered_until": considered_until})
    moved = moved.model_copy(update={"next_at": _find_next_check(moved)})
    if not repositories.of(TimetableRepository).replace_unchanged(timetable, moved):
        raise AlreadyHandledError(
            f"timetable {timetable.name!r} was started or changed just now: look at it again"
        )


def _log_lost_occurrence(repositories: Repositories, timetable: TimetableModel) -> list[EventModel]:
    """Record the failure of the last occurrence if no outcome of it was recorded, and return its events."""
    if not _is_performed(timetable.last):
        return []
    return log_outcome(repositories, timetable, _make_lost(timetable, timetable.last), missed="")


def _is_performed(last: MomentOutcome | None) -> TypeGuard[MomentOutcome]:
    return last is not None and last.became in BUSY


def _is_lost(timetable: TimetableModel, real: datetime) -> bool:
    return real - (timetable.sending_since or NEVER) > _LOST_AFTER


def _make_lost(timetable: TimetableModel, began: MomentOutcome) -> MomentOutcome:
    activity = get_activity(timetable)
    why = activity.lost if isinstance(activity, ThreadedActivity) else ""
    return MomentOutcome(at=began.at, became="failed", why=why)


def _find_next_check(moved: TimetableModel) -> datetime | None:
    """Return the time of the next check: the next occurrence, or later if this machine does not know the zone."""
    try:
        return find_next_start(moved)
    except InvalidInputError:
        return moved.considered_until + _LATER
