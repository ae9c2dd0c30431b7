"""What becomes of each moment of a timetable when it has come: looked at by any number of processes, dealt with once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError, StoreUnavailableError
from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.models.timetable import MomentOutcome
from qdash_core.notifiers.announcing import announce
from qdash_core.repositories.repositories import Repositories
from qdash_core.timetables.calendar import next_start
from qdash_core.timetables.events import log_outcome
from qdash_core.timetables.passed import GRACE_S, Passed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel, ExecutionModel
    from qdash_core.models.timetable import TimetableModel
    from qdash_core.runs.service import RunService
    from qdash_core.runs.submission import Submission
    from qdash_core.runtime import Runtime

logger = logging.getLogger(__name__)

_FOR_OTHERS = timedelta(seconds=GRACE_S)
"""What this machine cannot tell the moments of is left to others for so long."""
_LATER = timedelta(hours=1)
"""Then it is looked at again so often."""


@dataclass(frozen=True, slots=True)
class Start:
    """What became of a timetable at one look.

    Parameters
    ----------
    project_id, name : str
        The timetable.
    outcome : MomentOutcome
        Of its newest moment.
    """

    project_id: str
    name: str
    outcome: MomentOutcome


class DealtWithError(ConflictError):
    """A timetable was started or changed by somebody else since it was read."""


class TimetableClock:
    """Starts what is due.

    Whoever looks reads the timetables that are due, and writes what becomes of each in one transaction: that its moments
    have been dealt with, the run, and the events. Of several who look at once, one writes, and the others find it done.

    Parameters
    ----------
    runtime : Runtime
        Open.
    runs : RunService
        Of this store.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self, runtime: Runtime, runs: RunService, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._runtime, self._runs, self._clock = runtime, runs, clock

    def look(self, now: datetime | None = None) -> list[Start]:
        """Deal with every moment that has come, of all projects, and return what was done now.

        At most one run is started of each timetable, for its newest moment.

        Parameters
        ----------
        now : datetime or None
            None: what the clock says.

        Raises
        ------
        StoreUnavailableError
            If the store is away. What was not dealt with is at the next look.
        """
        now = now or self._clock()
        found = [self._looked_at(one, now) for one in self._runtime.repositories.timetables.due(now)]
        return [one for one in found if one is not None]

    def _looked_at(self, timetable: TimetableModel, now: datetime) -> Start | None:
        """Deal with one timetable so that others go on whatever happens; returns None where nothing was done."""
        try:
            return self._look_at(timetable, now)
        except DealtWithError:
            return None
        except StoreUnavailableError:
            raise
        except Exception:
            logger.exception("timetable %s of %s cannot be looked at", timetable.name, timetable.project_id)
            return None

    def _look_at(self, timetable: TimetableModel, now: datetime) -> Start | None:
        """Deal with one timetable; returns None where there is nothing to do. DealtWithError if somebody else has done it."""
        try:
            passed = Passed.of(timetable, now)
        except InvalidInputError as error:  # this machine does not know its zone
            return self._not_told(timetable, now, str(error))
        if passed is None:  # the clocks of its zone have new rules
            self._write_alone(timetable, now)
            return None
        return Start(timetable.project_id, timetable.name, self._dealt_with(timetable, passed, now))

    def _not_told(self, timetable: TimetableModel, now: datetime, why: str) -> Start | None:
        """Write that this machine cannot tell the moments of a timetable, if no other one has dealt with it in time."""
        at = timetable.next_at or now
        if now - at < _FOR_OTHERS:
            return None
        outcome = MomentOutcome(at=at, became="failed", why=why)
        self._write_alone(timetable, now, outcome)
        return Start(timetable.project_id, timetable.name, outcome)

    def _dealt_with(self, timetable: TimetableModel, passed: Passed, now: datetime) -> MomentOutcome:
        """Start a run for the newest moment that has come, or write why there is none."""
        at, missed = passed.newest, passed.missed
        if not passed.wanted:
            outcome = MomentOutcome(at=at, became="missed", why=missed)
        elif why := self._in_the_way(timetable):
            outcome = MomentOutcome(at=at, became="skipped", why=why)
        else:
            try:
                return self._start(timetable, passed, now)
            except (DealtWithError, StoreUnavailableError):
                raise
            except Exception as error:  # noqa: BLE001  code of plugins is asked; other timetables go on
                outcome = MomentOutcome(at=at, became="failed", why=str(error) or type(error).__name__)
        self._write_alone(timetable, now, outcome, missed=missed)
        return outcome

    def _start(self, timetable: TimetableModel, passed: Passed, now: datetime) -> MomentOutcome:
        access = self._runtime.access(timetable.username, timetable.project_id, ProjectRole.EDITOR)
        outcome = MomentOutcome(at=passed.newest, became="started", why=passed.missed)
        submission = self._submit(access, timetable, outcome, considered_until=now, missed=passed.missed)
        return outcome.model_copy(update={"execution_id": submission.execution_id})

    def _submit(
        self,
        access: Access,
        timetable: TimetableModel,
        outcome: MomentOutcome,
        *,
        considered_until: datetime,
        missed: str = "",
    ) -> Submission:
        """Submit the run of a timetable, and write what became of its moment in the same transaction.

        Raises
        ------
        DealtWithError
            If somebody else was ahead. Nothing has been written then.
        QDashError
            As `RunService.submit`.
        """
        events: list[EventModel] = []

        def write(repositories: Repositories, execution: ExecutionModel) -> None:
            started = outcome.model_copy(update={"execution_id": execution.execution_id})
            events[:] = _write(repositories, timetable, considered_until, started, missed=missed)

        within_s = timetable.begin_within_s
        submission = self._runs.submit(
            access,
            timetable.request,
            begin_before=None if within_s is None else outcome.at + timedelta(seconds=within_s),
            also=write,
        )
        self._tell(events)
        return submission

    def _in_the_way(self, timetable: TimetableModel) -> str:
        """Return in words why nothing can be started: the last start has not ended. Empty: it can."""
        if not timetable.execution_id:
            return ""
        entry = self._runtime.repositories.queue.find(timetable.project_id, timetable.execution_id)
        if entry is None:
            return ""
        does = "runs" if entry.performer else "is held" if entry.held else "waits"
        return f"its last start, execution {entry.execution_id}, {does} still"

    def _write_alone(
        self,
        timetable: TimetableModel,
        considered_until: datetime,
        outcome: MomentOutcome | None = None,
        *,
        missed: str = "",
    ) -> None:
        """Write what became of moments for which nothing is started. DealtWithError as `_submit`."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            events = _write(repositories, timetable, considered_until, outcome, missed=missed)
        self._tell(events)

    def _tell(self, events: Sequence[EventModel]) -> None:
        for event in events:
            level = logging.INFO if event.kind == "timetable.started" else logging.WARNING
            what = event.data["message"] or event.execution_id
            logger.log(
                level, "timetable %s of %s: %s: %s", event.data["name"], event.project_id, event.kind, what
            )
        runtime = self._runtime
        announce(events, runtime.notifiers, runtime.settings, zone=runtime.zone)


def _write(
    repositories: Repositories,
    timetable: TimetableModel,
    considered_until: datetime,
    outcome: MomentOutcome | None,
    *,
    missed: str,
) -> list[EventModel]:
    """Write what became of moments, in a transaction, and return the events of it; DealtWithError if that is done already."""
    changes: dict[str, object] = {"considered_until": considered_until}
    if outcome is not None:
        changes |= {"last": outcome, "execution_id": outcome.execution_id or timetable.execution_id}
    moved = timetable.model_copy(update=changes)
    moved = moved.model_copy(update={"next_at": _next_look(moved)})
    if not repositories.timetables.move_on(timetable, moved):
        raise DealtWithError(
            f"timetable {timetable.name!r} was started or changed just now: look at it again"
        )
    if outcome is None:
        return []
    return log_outcome(repositories, timetable, outcome, missed=missed)


def _next_look(moved: TimetableModel) -> datetime | None:
    """Return when a timetable is looked at again: at its next moment, or in a while where this machine cannot tell that."""
    try:
        return next_start(moved)
    except InvalidInputError:
        return moved.considered_until + _LATER
