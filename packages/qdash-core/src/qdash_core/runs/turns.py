"""Whose turn it is: what a run of the queue waits for, as the store says now."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import LockedError
from qdash_core.lease.liveness import Liveness
from qdash_core.lease.presence import Living
from qdash_core.models.base import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.left import Left, left_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.lease.service import LeaseStatus
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.runtime import Runtime


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """An entry of the queue as it stands.

    Parameters
    ----------
    entry : QueueEntryModel
        The run.
    state : {"waiting", "held", "running"}
        What it does.
    waits_for : str
        What it waits for, in words that follow "for"; empty: nothing, it begins as soon as whoever performs it looks.
    """

    entry: QueueEntryModel
    state: Literal["waiting", "held", "running"]
    waits_for: str


@dataclass(frozen=True)
class _Seen:
    """The queue at one moment: its entries in order, which of them are performed, by owner the processes that are there, and
    who has what.

    What nobody waits for any more, or had ended when its worker died, is no entry, whether or not somebody has taken it out.
    """

    entries: Sequence[QueueEntryModel]
    performed: frozenset[tuple[str, str]]
    alive: Mapping[str, PresenceModel]
    look_at_leases: Callable[[], Sequence[LeaseStatus]]

    @cached_property
    def leases(self) -> Sequence[LeaseStatus]:
        """The leases of living holders, looked at once, where that matters.

        One of another host whose time is over is not among them: who takes the lease watches it first.
        """
        return [status for status in self.look_at_leases() if status.holder is Liveness.ALIVE]


class Turns:
    """The turns of the runs of one store: looked at, never changed.

    Parameters
    ----------
    runtime : Runtime
        Open.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, runtime: Runtime, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._runtime = runtime
        self._clock = clock
        self._living = Living(clock=clock)

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""
        return self._runtime.repositories.queue.find(project_id, execution_id)

    def entries(self, project_id: str | None = None) -> list[QueueStatus]:
        """Return the entries of a project (None: of every one), in order."""
        seen = self._seen()
        return [
            self._status(one, seen)
            for one in seen.entries
            if project_id is None or one.project_id == project_id
        ]

    def status(self, entry: QueueEntryModel) -> QueueStatus:
        """Return how an entry stands that was just written."""
        return self._status(entry, self._seen())

    def workers(self) -> list[PresenceModel]:
        """Return the workers that live, of every machine of the store."""
        presences = self._living.among(self._runtime.repositories.presences.everything())
        return [one for one in presences.values() if one.kind == "worker"]

    def waits_for(self, entry: QueueEntryModel) -> str | None:
        """Return in words what an entry waits for; None: it may begin, or is performed already."""
        return self._waits_for(entry, self._seen())

    def standing(self, project_id: str, execution_id: str) -> tuple[QueueEntryModel | None, int, str]:
        """Return the entry of an execution, or None, with how many workers live and what it waits for, as of one moment."""
        seen = self._seen()
        entry = next((one for one in seen.entries if one.key == (project_id, execution_id)), None)
        n_workers = sum(one.kind == "worker" for one in seen.alive.values())
        return entry, n_workers, (entry and self._waits_for(entry, seen)) or ""

    def _status(self, entry: QueueEntryModel, seen: _Seen) -> QueueStatus:
        state: Literal["waiting", "held", "running"] = "held" if entry.held else "waiting"
        if entry.key in seen.performed:
            state = "running"
        return QueueStatus(entry, state, self._waits_for(entry, seen) or "")

    def _waits_for(self, entry: QueueEntryModel, seen: _Seen) -> str | None:
        if entry.performer:
            return None
        if entry.held:
            return f"its release: {entry.reason}" if entry.reason else "its release"
        ahead = self._ahead(seen, entry.project_id, entry.instrument, rank=entry.rank, but=entry.key)
        return ahead or self._in_use(entry, seen)

    def require_turn(self, project_id: str, chip_id: str, instrument: str) -> None:
        """Refuse a new run that would have to wait.

        Raises
        ------
        LockedError
            If its instrument is in use, or another run of the queue comes before it: which.
        """
        seen = self._seen()
        for status in self._in_the_way(seen, project_id, instrument):
            raise LockedError(status.refusal(self._runtime.zone, project_id, chip_id))
        if (why := self._ahead(seen, project_id, instrument)) is not None:
            raise LockedError(
                f"chip {chip_id} cannot be measured now: a run would wait for {why}; see `qdash queue list`"
            )

    def _seen(self) -> _Seen:
        """Return the queue, and who is there to perform it, as they are now."""
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            entries, presences = repositories.queue.everything(), repositories.presences.everything()
            alive = self._living.among(presences)
            left = {
                one.key: left_of(repositories, one, self._clock())
                for one in entries
                if one.performer and one.performer not in alive
            }
        there = [
            one
            for one in entries
            if (one.detached or one.waiter in alive) and left.get(one.key) is not Left.NOTHING
        ]
        performed = frozenset(one.key for one in there if one.performer and left.get(one.key) is not Left.RUN)
        return _Seen(there, performed, alive, self._runtime.leases.everything)

    def _ahead(
        self,
        seen: _Seen,
        project_id: str,
        instrument: str,
        *,
        rank: int = sys.maxsize,
        but: tuple[str, str] | None = None,
    ) -> str | None:
        """Return in words which run of the queue comes before one of this rank, or is performed; None: none.

        Parameters
        ----------
        but : tuple of str or None
            The entry that is asked about, which is not in its own way; None: one that is not there yet.
        """
        if not instrument:
            return None
        whole_project = self._runtime.settings.lock_scope == "project"
        for other in seen.entries:
            excluded = other.instrument == instrument or (whole_project and other.project_id == project_id)
            if other.key == but or not excluded:
                continue
            if other.performer in seen.alive:
                return f"execution {other.execution_id} of {other.username}, which runs"
            if other.rank < rank and _is_performable(other, seen.alive):
                return f"execution {other.execution_id} of {other.username}, which is before it"
        return None

    def _in_use(self, entry: QueueEntryModel, seen: _Seen) -> str | None:
        """Return in words who holds what an entry needs; None: it is free."""
        for status in self._in_the_way(seen, entry.project_id, entry.instrument):
            process = status.process(self._runtime.zone)
            return f"{status.subject}, in use by {status.run} ({process})"
        return None

    def _in_the_way(self, seen: _Seen, project_id: str, instrument: str) -> list[LeaseStatus]:
        """Return the leases that refuse a run on an instrument now, that on the instrument itself first."""
        if not instrument:
            return []
        scope = self._runtime.settings.lock_scope
        found = [one for one in seen.leases if one.lease.excludes(instrument, project_id, scope)]
        return sorted(found, key=lambda one: one.lease.instrument != instrument)


def _is_performable(entry: QueueEntryModel, alive: Mapping[str, PresenceModel]) -> bool:
    """Whether somebody is there to perform a waiting entry: otherwise nobody waits for it."""
    if entry.held:
        return False
    if entry.detached:
        return any(one.kind == "worker" for one in alive.values())
    return entry.waiter in alive
