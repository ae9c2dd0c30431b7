"""Clock of timetables, run by any number of processes, which handles each occurrence once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.activity import ActivityServices, ThreadedActivity
from qdash_builtin.timetables.after_cooldowns import find_lost_cooldown
from qdash_builtin.timetables.due_occurrences import GRACE_S, DueOccurrences
from qdash_builtin.timetables.models.timetable import MomentOutcome
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_builtin.timetables.starts import AlreadyHandledError, TimetableStarts
from qdash_builtin.timetables.threads import OccurrenceThreads
from qdash_core.errors import InvalidInputError, NothingToDoError, StoreUnavailableError
from qdash_core.process.clock import machine_now, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_builtin.digests.delivery import DigestDelivery
    from qdash_builtin.home.pruning.pruner import Pruner
    from qdash_builtin.runs.submission import SubmissionService
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.runtime.runtime import Runtime

logger = logging.getLogger(__name__)

_FOR_OTHERS = timedelta(seconds=GRACE_S)
"""Time for which a timetable in an unknown zone is left to other machines."""
_BETWEEN_SEARCHES = timedelta(minutes=1)
"""Time between two searches for occurrences whose process ended; they read all timetables."""


@dataclass(frozen=True, slots=True)
class TimetableOutcome:
    """Outcome of the newest occurrence of a timetable at one check."""

    project_id: str
    name: str
    outcome: MomentOutcome


class TimetableClock:
    """Clock that performs the timetables that are due.

    A check reads the due timetables and writes the outcome of each in one transaction: the handled occurrences, the run
    and the events. Of several concurrent processes, one writes, and the others find it done. Activities other than runs
    are performed in threads. A process counts as ended by `machine_clock`, also if the clock is simulated.
    """

    def __init__(
        self,
        runtime: Runtime,
        submissions: SubmissionService,
        *,
        digests: DigestDelivery,
        get_pruner: Callable[[], Pruner],
        clock: Callable[[], datetime] = utc_now,
        machine_clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._runtime, self._clock, self._machine_clock = runtime, clock, machine_clock
        self._starts = TimetableStarts(runtime, submissions)
        services = ActivityServices(runtime, digests, get_pruner)
        self._threads = OccurrenceThreads(self._starts, services, machine_clock)
        self._searched_at: datetime | None = None
        self._checked_at: datetime | None = None

    def handle_due(self, now: datetime | None = None) -> list[TimetableOutcome]:
        """Handle every due occurrence of all projects, and return the outcomes; read the clock if `now` is None.

        Each timetable starts at most one run, or begins to perform its activity once, for its newest occurrence. Once a minute,
        occurrences whose process ended are recorded as failed.

        Raises
        ------
        StoreUnavailableError
            If the store is unavailable. The next check handles the rest.
        """
        now = now or self._clock()
        found = [outcome for moment in self._iter_moments(now) for outcome in self._handle_moment(moment)]
        self._checked_at = now
        real = self._machine_clock()
        if self._searched_at is None or abs(real - self._searched_at) >= _BETWEEN_SEARCHES:
            self._searched_at = real
            self._starts.record_lost_occurrences(real)
        return found

    def _iter_moments(self, now: datetime) -> Iterator[datetime]:
        """Yield the times at which to handle what is due until `now`: `now` alone with the clock of the machine.

        A simulated clock leaps between two checks by the laboratory time of a run: each occurrence since the last check
        is handled as at its own time.
        """
        since = self._checked_at
        if self._runtime.clock.simulated and since is not None:
            while first := self._find_first_due(since, now):
                since = first
                yield first
        yield now

    def _find_first_due(self, after: datetime, before: datetime) -> datetime | None:
        """Return the first time between two at which a timetable is due, or None."""
        due = (one.next_at for one in self._runtime.repositories.of(TimetableRepository).list_due(before))
        return min((one for one in due if one is not None and after < one < before), default=None)

    def _handle_moment(self, now: datetime) -> list[TimetableOutcome]:
        """Handle the timetables that are due at a time, and return the outcomes."""
        due = self._runtime.repositories.of(TimetableRepository).list_due(now)
        return [outcome for one in due if (outcome := self._handle_timetable(one, now)) is not None]

    def wait_for_activities(self, seconds: float) -> None:
        """Wait until the activities that this clock performs have ended, at most the given time."""
        self._threads.wait(seconds)

    def _handle_timetable(self, timetable: TimetableModel, now: datetime) -> TimetableOutcome | None:
        """Handle one timetable, and catch its errors; return None if nothing was done."""
        try:
            return self._handle_due_timetable(timetable, now)
        except AlreadyHandledError:
            return None
        except StoreUnavailableError:
            raise
        except Exception as error:
            logger.exception("timetable %s of %s cannot be handled", timetable.name, timetable.project_id)
            return self._record_failure(timetable, now, str(error) or type(error).__name__)

    def _record_failure(self, timetable: TimetableModel, now: datetime, why: str) -> TimetableOutcome | None:
        """Record that a timetable was not handled, so that it waits for its next occurrence; None if that is impossible."""
        outcome = MomentOutcome(at=timetable.next_at or now, became="failed", why=why)
        try:
            self._starts.write_without_run(timetable, now, outcome)
        except AlreadyHandledError:
            return None
        except StoreUnavailableError:
            raise
        except Exception:
            logger.exception("this cannot be recorded")
            return None
        return TimetableOutcome(timetable.project_id, timetable.name, outcome)

    def _handle_due_timetable(self, timetable: TimetableModel, now: datetime) -> TimetableOutcome | None:
        """Handle one timetable; return None if nothing is due.

        AlreadyHandledError if another process was first.
        """
        try:
            due = DueOccurrences.find(timetable, now)
        except InvalidInputError as error:  # this machine does not know its zone
            return self._record_unknown_zone(timetable, now, str(error))
        if due is None:  # the clocks of its zone have new rules
            self._starts.write_without_run(timetable, now)
            return None
        if self._starts.is_busy(timetable, self._machine_clock()):
            outcome = self._starts.write_busy(timetable, now, due.newest)
        else:
            outcome = self._handle_occurrences(timetable, due, now)
        return TimetableOutcome(timetable.project_id, timetable.name, outcome)

    def _record_unknown_zone(
        self, timetable: TimetableModel, now: datetime, why: str
    ) -> TimetableOutcome | None:
        """Record an unknown time zone of a timetable, if no other machine has handled it in time."""
        at = timetable.next_at or now
        if now - at < _FOR_OTHERS and not self._runtime.clock.simulated:  # other machines do not share that
            return None
        return self._record_failure(timetable, now, why)

    def _handle_occurrences(
        self, timetable: TimetableModel, due: DueOccurrences, now: datetime
    ) -> MomentOutcome:
        """Start the activity for the newest occurrence, or record why it is not started."""
        at, missed = due.newest, due.missed
        if not due.must_start:
            outcome = MomentOutcome(at=at, became="missed", why=missed)
        elif why := self._find_obstacle(timetable, now):
            outcome = MomentOutcome(at=at, became="skipped", why=why)
        else:
            try:
                return self._start(timetable, due, now)
            except (AlreadyHandledError, StoreUnavailableError):
                raise
            except NothingToDoError as error:
                outcome = MomentOutcome(at=at, became="skipped", why=str(error))
            except Exception as error:  # noqa: BLE001  plugin code may raise anything; other timetables continue
                outcome = MomentOutcome(at=at, became="failed", why=str(error) or type(error).__name__)
        self._starts.write_without_run(timetable, now, outcome, missed=missed)
        return outcome

    def _find_obstacle(self, timetable: TimetableModel, now: datetime) -> str:
        lost = find_lost_cooldown(self._runtime.repositories, timetable)
        return lost or self._starts.find_obstacle(timetable, now)

    def _start(self, timetable: TimetableModel, due: DueOccurrences, now: datetime) -> MomentOutcome:
        activity = get_activity(timetable)
        access = self._runtime.access(timetable.username, timetable.project_id, activity.role)
        if isinstance(activity, ThreadedActivity):
            return self._threads.begin(activity, access, timetable, at=due.newest, now=now, missed=due.missed)
        outcome = MomentOutcome(at=due.newest, became="started", why=due.missed)
        submission = self._starts.submit(access, timetable, outcome, considered_until=now, missed=due.missed)
        return outcome.model_copy(update={"execution_id": submission.execution_id})
