"""What keeps a lease alive, and looks what becomes of it and of its execution."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.lease.marks import Renewal, tell
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.execution import CancelRequest, ExecutionLockModel
    from qdash_core.repositories.store import Store


class Heartbeat:
    """Renews a lease until it is stopped or lost, and watches the record of its execution.

    Parameters
    ----------
    store : Store
        Where the lease is kept.
    lease : ExecutionLockModel
        As it was written when it was taken.
    clock : callable
        Tells the time.
    on_cancel : callable
        Called once with the request when somebody asks for the end of the execution, in a thread of its own.
    on_lost : callable
        Called once with the reason when the lease has been taken or the execution ended from outside; then the thread
        ends.
    """

    def __init__(
        self,
        store: Store,
        lease: ExecutionLockModel,
        *,
        clock: Callable[[], datetime],
        on_cancel: Callable[[CancelRequest], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._store = store
        self._on_cancel = on_cancel
        self._watched = ""
        self._told = False
        self._renewal = Renewal(
            lease, what="the lease", clock=clock, extend=self._extend, look=self._look, on_lost=on_lost
        )

    def start(self) -> None:
        """Begin."""
        self._renewal.start()

    def stop(self) -> None:
        """End. A thread that waits for a store that is away is left to itself: it renews nothing that was given up."""
        self._renewal.stop()

    def watch(self, execution_id: str) -> None:
        """Write for which execution the lease is, and look at its record from now on."""
        self._renewal.renew(execution_id=execution_id)
        self._watched = execution_id

    def stop_watching(self) -> None:
        """Look at the execution no longer: its end is not news any more. The lease is still renewed."""
        self._watched = ""

    def _extend(self, lease: ExecutionLockModel) -> str | None:
        return None if Repositories(self._store).locks.extend(lease) else _taken(lease)

    def _look(self, lease: ExecutionLockModel) -> str | None:
        """Return why the run has to stop, if so; a request to cancel is passed on."""
        watched = self._watched
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            held = repositories.locks.find(lease.instrument)
            execution = repositories.executions.find(lease.project_id, watched) if watched else None
        if held is None or held.owner != lease.owner:
            return _taken(lease)
        if execution is None or watched != self._watched:
            return None
        if execution.status.terminal:
            return (
                f"execution {watched} was ended from outside: it is {execution.status}, {execution.message}"
            )
        if execution.cancel_request is not None and not self._told:
            self._told = True
            tell(partial(self._on_cancel, execution.cancel_request))
        return None


def _taken(lease: ExecutionLockModel) -> str:
    return (
        f"the lease on instrument {lease.instrument}, for chip {lease.chip_id}, was lost: somebody released it or took "
        "it over"
    )
