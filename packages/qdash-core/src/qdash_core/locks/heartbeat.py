"""Heartbeat that renews an instrument lock and watches its execution."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.locks.process_heartbeats import ProcessHeartbeat, notify_listener
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.execution import CancelRequest, ExecutionLockModel
    from qdash_core.repositories.store import Store


class Heartbeat:
    """Thread that renews a lock until it is stopped or lost, and watches the record of its execution.

    `on_cancel` is called once, in a thread of its own, with the request to cancel the execution. `on_lost` is called
    once with the reason when another process has taken the lock or ended the execution; then the thread ends.
    """

    def __init__(
        self,
        store: Store,
        lock: ExecutionLockModel,
        *,
        clock: Callable[[], datetime],
        on_cancel: Callable[[CancelRequest], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._store = store
        self._on_cancel = on_cancel
        self._watched = ""
        self._told = self._ending = False
        self._heartbeat = ProcessHeartbeat(
            lock, what="the lock", clock=clock, extend=self._extend, find_reason=self._poll, on_lost=on_lost
        )

    def start(self) -> None:
        """Start the thread."""
        self._heartbeat.start()

    def stop(self) -> None:
        """Stop the thread; if it waits for an unavailable store it is abandoned, and renews no released lock."""
        self._heartbeat.stop()

    def watch(self, execution_id: str) -> None:
        """Record the execution of the lock, and start to watch its record."""
        self._heartbeat.renew(execution_id=execution_id)
        self._watched = execution_id

    def stop_watching(self) -> None:
        """Stop watching the execution, whose end removes the lock. Until then the lock is still renewed."""
        self._watched, self._ending = "", True

    def _extend(self, lock: ExecutionLockModel) -> str | None:
        if Repositories(self._store).of(ExecutionLockRepository).extend(lock):
            return None
        return self._poll(lock)

    def _poll(self, lock: ExecutionLockModel) -> str | None:
        """Return the reason why the run has to stop, or None; pass on a request to cancel."""
        watched = self._watched
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            held = repositories.of(ExecutionLockRepository).get_held_by(lock.hold)
            execution = (
                repositories.of(ExecutionRepository).find(lock.project_id, watched) if watched else None
            )
        if watched != self._watched:
            execution = None
        if execution is not None and execution.status.terminal:
            return (
                f"execution {watched} was ended from outside: it is {execution.status}, {execution.message}"
            )
        if held is None and not self._ending:
            return _describe_loss(lock)
        if execution is None:
            return None
        if execution.cancel_request is not None and not self._told:
            self._told = True
            notify_listener(partial(self._on_cancel, execution.cancel_request))
        return None


def _describe_loss(lock: ExecutionLockModel) -> str:
    return (
        f"the lock on instrument {lock.instrument}, for chip {lock.chip_id}, was lost: another user released it or took "
        "it over"
    )
