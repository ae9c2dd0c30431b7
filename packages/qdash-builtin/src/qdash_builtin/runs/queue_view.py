"""Read-only view of the queue."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import LockedError
from qdash_core.locks.liveness import Liveness
from qdash_core.record.orphans import OrphanState, assess_orphan
from qdash_core.repositories.queue import PresenceRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.locks.presence import LiveProcesses
    from qdash_core.locks.service import LockStatus
    from qdash_core.models.claims import Claim, LockScope
    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.runtime.runtime import Runtime


_A_WORKER = "a worker: none is running, `qdash worker` starts one"


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """Queue entry with its state.

    Parameters
    ----------
    waits_for : str
        Reason for the wait, to follow "for", empty if the run can start.
    reason : str
        The same, including a missing worker.
    """

    entry: QueueEntryModel
    state: Literal["waiting", "held", "running"]
    waits_for: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Position of a run in the queue at one moment, and the number of live workers on all machines of the store.

    Parameters
    ----------
    entry : QueueEntryModel or None
        None if the run is not in the queue.
    waits_for : str or None
        Reason for the wait, to follow "for", or None if the run can start or is running.
    """

    entry: QueueEntryModel | None
    waits_for: str | None
    n_workers: int

    @property
    def reason(self) -> str:
        """Reason for the wait, including a missing worker; empty if the run can start, is running or not queued."""
        entry = self.entry
        if entry is None:
            return ""
        if entry.detached and not (entry.performer or entry.held or self.n_workers):
            return _A_WORKER
        return self.waits_for or ""


@dataclass(frozen=True)
class _QueueSnapshot:
    """Snapshot of the queue: entries in order, performed runs, live processes by owner, and locks.

    `list_entries` omits runs whose command has died and runs that had ended when their worker died, swept or not; `recorded`
    contains every entry by its key.
    """

    recorded: Mapping[tuple[str, str], QueueEntryModel]
    entries: Sequence[QueueEntryModel]
    performed: frozenset[tuple[str, str]]
    alive: Mapping[str, PresenceModel]
    look_at_locks: Callable[[], Sequence[LockStatus]]

    @property
    def n_workers(self) -> int:
        """Number of live workers on all machines of the store."""
        return sum(one.kind == "worker" for one in self.alive.values())

    @cached_property
    def locks(self) -> Sequence[LockStatus]:
        """Locks of live holders, read once when needed.

        Expired locks of other hosts are omitted: a process that takes one over watches it first.
        """
        return [status for status in self.look_at_locks() if status.holder is Liveness.ALIVE]


class QueueView:
    """Read-only view of the queue of a store."""

    def __init__(self, runtime: Runtime, live_processes: LiveProcesses) -> None:
        self._runtime, self._live_processes = runtime, live_processes

    def find(self, project_id: str, execution_id: str) -> QueueEntryModel | None:
        """Return the entry of an execution, or None."""
        return self._runtime.repositories.of(QueueRepository).find(project_id, execution_id)

    def list_entries(self, project_id: str | None = None) -> list[QueueStatus]:
        """Return the entries of a project, or of all projects for None, in order."""
        snapshot = self._take_snapshot()
        return [
            self._make_status(one, snapshot)
            for one in snapshot.entries
            if project_id is None or one.project_id == project_id
        ]

    def get_status(self, entry: QueueEntryModel) -> QueueStatus:
        """Return the status of an entry that was just written."""
        return self._make_status(entry, self._take_snapshot())

    def list_workers(self) -> list[PresenceModel]:
        """Return the live workers on all machines of the store."""
        presences = self._live_processes.select_live(
            self._runtime.repositories.of(PresenceRepository).list_all()
        )
        return [one for one in presences.values() if one.kind == "worker"]

    def get_position(self, project_id: str, execution_id: str) -> QueuePosition:
        """Return the position of an execution in the queue."""
        snapshot = self._take_snapshot()
        entry = snapshot.recorded.get((project_id, execution_id))
        waits_for = None if entry is None else self._describe_wait(entry, snapshot)
        return QueuePosition(entry, waits_for, snapshot.n_workers)

    def _make_status(self, entry: QueueEntryModel, snapshot: _QueueSnapshot) -> QueueStatus:
        state: Literal["waiting", "held", "running"] = "held" if entry.held else "waiting"
        if entry.key in snapshot.performed:
            state = "running"
        waits_for = self._describe_wait(entry, snapshot) or ""
        is_left = state == "waiting" and entry.detached and not snapshot.n_workers
        return QueueStatus(entry, state, waits_for, _A_WORKER if is_left else waits_for)

    def _describe_wait(self, entry: QueueEntryModel, snapshot: _QueueSnapshot) -> str | None:
        if entry.performer:
            return None
        if entry.held:
            return f"its release: {entry.reason}" if entry.reason else "its release"
        claim = entry.get_claim(self._scope)
        ahead = self._describe_run_ahead(snapshot, claim, rank=entry.rank, but=entry.key)
        return ahead or self._describe_holder(claim, snapshot)

    @property
    def _scope(self) -> LockScope:
        return self._runtime.settings.lock_scope

    def require_turn(self, chip_id: str, claim: Claim) -> None:
        """Raise LockedError if a new run would have to wait.

        Raises
        ------
        LockedError
            If what it claims is in use or another run is ahead of it; the message names the other run.
        """
        snapshot = self._take_snapshot()
        for status in self._list_excluding_locks(snapshot, claim):
            raise LockedError(status.describe_refusal(self._runtime.zone, claim, chip_id))
        if (why := self._describe_run_ahead(snapshot, claim)) is not None:
            raise LockedError(
                f"chip {chip_id} cannot be measured now: a run would wait for {why}; see `qdash queue list`"
            )

    def _take_snapshot(self) -> _QueueSnapshot:
        """Return a snapshot of the queue and the live processes."""
        with self._runtime.store.read() as reading:
            repositories = Repositories(reading)
            entries, presences = (
                repositories.of(QueueRepository).list_all(),
                repositories.of(PresenceRepository).list_all(),
            )
            alive = self._live_processes.select_live(presences)
            orphaned = {
                one.key: assess_orphan(repositories, one)
                for one in entries
                if one.performer and one.performer not in alive
            }
        there = [
            one
            for one in entries
            if (one.detached or one.waiter in alive) and orphaned.get(one.key) is not OrphanState.ENDED
        ]
        performed = frozenset(
            one.key for one in there if one.performer and orphaned.get(one.key) is not OrphanState.RESUMABLE
        )
        recorded = {one.key: one for one in entries}
        return _QueueSnapshot(recorded, there, performed, alive, self._runtime.locks.list_all)

    def _describe_run_ahead(
        self,
        snapshot: _QueueSnapshot,
        claim: Claim,
        *,
        rank: int = sys.maxsize,
        but: tuple[str, str] | None = None,
    ) -> str | None:
        """Return a description of the run that is ahead of this rank or running, and needs what is claimed, or None.

        `but` is the key of the run's own entry, which is ignored, or None if it is not in the queue yet.
        """
        if not claim.instrument:
            return None
        for other in snapshot.entries:
            others = other.get_claim(self._scope)
            if other.key == but or not others.excludes(claim):
                continue
            run = f"execution {other.execution_id} of {other.username}"
            shared = others.describe_shared(claim)
            if other.performer in snapshot.alive:
                return f"{shared}, used by {run}" if shared else f"{run}, which runs"
            if other.rank < rank and _is_performable(other, snapshot.alive):
                before = f"{run}, which is before it"
                return f"{before} and needs {shared}, too" if shared else before
        return None

    def _describe_holder(self, claim: Claim, snapshot: _QueueSnapshot) -> str | None:
        """Return a description of a holder of what is claimed, or None if that is free."""
        for status in self._list_excluding_locks(snapshot, claim):
            process = status.process(self._runtime.zone)
            return f"{status.describe_overlap(claim)}, in use by {status.run} ({process})"
        return None

    def _list_excluding_locks(self, snapshot: _QueueSnapshot, claim: Claim) -> list[LockStatus]:
        """Return the locks that exclude a run with a claim, those on its instrument first."""
        if not claim.instrument:
            return []
        found = [one for one in snapshot.locks if one.lock.claim.excludes(claim)]
        return sorted(found, key=lambda one: one.lock.instrument != claim.instrument)


def _is_performable(entry: QueueEntryModel, alive: Mapping[str, PresenceModel]) -> bool:
    """Return whether a live process will perform a waiting entry; otherwise later runs overtake it."""
    if entry.held:
        return False
    if entry.detached:
        return any(one.kind == "worker" for one in alive.values())
    return entry.waiter in alive
