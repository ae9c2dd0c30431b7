"""Instrument lock, which its holder renews, so that a crash blocks others only briefly.

A lock is acquired whole or not at all, in one transaction of the store, which runs transactions one after another: no two locks
overlap, and no holder waits for another one.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError, StoreUnavailableError
from qdash_core.locks.heartbeat import Heartbeat
from qdash_core.locks.liveness import Liveness, assess_liveness, held_here
from qdash_core.locks.process_heartbeats import LOOK_S, make_process_mark
from qdash_core.locks.service import assess_locks
from qdash_core.models.claims import Claim, sort_resources
from qdash_core.models.execution import ExecutionLockModel
from qdash_core.process.clock import machine_now
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.retry import StoreRetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, tzinfo

    from qdash_core.locks.service import LockStatus
    from qdash_core.models.claims import LockScope
    from qdash_core.models.execution import CancelRequest
    from qdash_core.models.process_marks import LockHold, Mark
    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)


def _ignore(_news: object) -> None:
    """Do nothing."""


class ExecutionLock:
    """Lock of a run on its instrument, or on parts of it.

    Locks that overlap exclude each other, across projects and chips. If one of two runs of a project has the scope
    `project`, they exclude each other even on different instruments. Without `resources` the whole instrument is
    locked. The lock lives `ttl_s` seconds without a renewal, and is renewed every third of it. A thread of the lock
    calls `on_cancel` once with a request to cancel the assigned execution, and `on_lost` once with the reason when
    another process has taken the lock or ended the execution: then the run has to stop.
    """

    def __init__(
        self,
        store: Store,
        instrument: str,
        *,
        project_id: str,
        chip_id: str,
        scope: LockScope = "chip",
        resources: frozenset[str] = frozenset(),
        ttl_s: float,
        on_cancel: Callable[[CancelRequest], None] = _ignore,
        on_lost: Callable[[str], None] = _ignore,
        zone: tzinfo = UTC,
        clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._store = store
        self._claim = Claim(instrument, project_id, scope, resources)
        self._chip_id = chip_id
        self._ttl_s = ttl_s
        self._on_cancel, self._on_lost = on_cancel, on_lost
        self._zone = zone
        self._clock = clock
        self._lock: ExecutionLockModel | None = None
        self._heartbeat: Heartbeat | None = None

    @property
    def hold(self) -> LockHold:
        """Proof that the lock is held, new for every acquisition."""
        assert self._lock is not None
        return self._lock.hold

    def acquire(self) -> None:
        """Acquire the lock, or take it over from a dead holder.

        If only watching can tell whether a holder on another host is alive, this takes the lifetime of its lock.

        Raises
        ------
        LockedError
            If it is held. The message names the holder, the times, and a command to show it.
        """
        given_up: set[Mark] = set()
        owner = str(uuid.uuid4())
        held_here.add(owner)  # before others can see the lock
        try:
            while doubtful := self._take(owner, given_up):
                self._watch(doubtful)
                given_up.update(lock.mark for lock in doubtful)
        except BaseException:
            held_here.discard(owner)
            raise

    def assign(self, execution_id: str) -> None:
        """Record the execution of the lock, for messages to other runs, and watch its record."""
        assert self._heartbeat is not None
        self._heartbeat.watch(execution_id)

    def stop_watching(self) -> None:
        """Stop watching the execution, which its holder is about to end with the lock. Until then the lock is still renewed."""
        if self._heartbeat is not None:
            self._heartbeat.stop_watching()

    def release(self, *, retry: StoreRetry | None = None) -> None:
        """Release the lock, if it is held.

        If the store is unavailable for longer than `retry` waits, the lock stays. This process can take it over, and others
        can after this process has ended.
        """
        if self._lock is None or self._heartbeat is None:
            return
        lock, self._lock = self._lock, None
        self._heartbeat.stop()
        remove = partial(Repositories(self._store).of(ExecutionLockRepository).remove, lock.hold)
        try:
            (retry or StoreRetry(0.0))(remove)
        except StoreUnavailableError as error:
            logger.warning("the lock could not be given up; it ends with this process: %s", error)
        finally:
            held_here.discard(lock.owner)

    def _take(self, owner: str, given_up: set[Mark]) -> list[ExecutionLockModel]:
        """Acquire the lock if it is free; otherwise return the locks that have to be watched first."""
        now = self._clock()
        lock = self._make_lock(owner, now)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            locks = repositories.of(ExecutionLockRepository)
            held = assess_locks(repositories, locks.list_conflicting(self._claim), now)
            self._refuse_if(status for status in held if status.holder is Liveness.ALIVE)
            doubtful = [
                status.lock
                for status in held
                if status.holder is Liveness.DOUBTFUL and status.lock.mark not in given_up
            ]
            if doubtful:
                return doubtful
            dead = [
                one
                for one in locks.list_by_instruments([self._claim.instrument])
                if assess_liveness(one, now) is Liveness.DEAD
            ]
            for one in [*(status.lock for status in held), *dead]:
                locks.remove(one.hold)
            locks.put(lock)
        self._begin(lock)
        return []

    def _make_lock(self, owner: str, now: datetime) -> ExecutionLockModel:
        mark = make_process_mark(owner, ttl_s=self._ttl_s, now=now)
        return ExecutionLockModel(
            **dict(mark),
            instrument=self._claim.instrument,
            project_id=self._claim.project_id,
            chip_id=self._chip_id,
            scope=self._claim.scope,
            resources=sort_resources(self._claim.resources),
        )

    def _watch(self, locks: Sequence[ExecutionLockModel]) -> None:
        """Wait for the lifetime of the locks; raise LockedError as soon as one is renewed."""
        longest_s = max(lock.ttl_s for lock in locks)
        logger.warning(
            "the lock on instrument %s may be that of a dead run on %s: it is watched for %g s",
            locks[0].instrument,
            locks[0].host,
            longest_s,
        )
        known = {lock.owner: lock.renewals for lock in locks}
        end = time.monotonic() + longest_s
        while time.monotonic() < end:
            with allow_interrupts():
                time.sleep(min(LOOK_S, longest_s / 10))
            with self._store.read() as snapshot:
                repositories = Repositories(snapshot)
                renewed = [
                    lock
                    for lock in repositories.of(ExecutionLockRepository).list_conflicting(self._claim)
                    if lock.renewals != known.get(lock.owner, lock.renewals)
                ]
                self._refuse_if(assess_locks(repositories, renewed, self._clock()))

    def _refuse_if(self, held: Iterable[LockStatus]) -> None:
        for status in held:
            raise LockedError(status.describe_refusal(self._zone, self._claim, self._chip_id))

    def _begin(self, lock: ExecutionLockModel) -> None:
        self._lock = lock
        self._heartbeat = Heartbeat(
            self._store, lock, clock=self._clock, on_cancel=self._on_cancel, on_lost=self._on_lost
        )
        self._heartbeat.start()
