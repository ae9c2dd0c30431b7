"""The thread that keeps a lease alive, and looks what becomes of it and of its execution."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.execution import CancelRequest, ExecutionLockModel
    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)

LOOK_S = 0.5
"""So often the execution's record is looked at, in seconds: a cancelled run has to stop within two."""


class Heartbeat:
    """Renews a lease every third of its life until it is stopped, or the lease is lost.

    A store that is away is asked again and again: once it is back, the lease is renewed if nobody else has taken it.

    Parameters
    ----------
    store : Store
        Where the lease is kept.
    lease : ExecutionLockModel
        As it was written when it was taken.
    clock : callable
        Tells the time.
    on_cancel : callable
        Called once with the request when somebody asks for the end of the execution, in this thread.
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
        self._lease = lease
        self._clock = clock
        self._on_cancel, self._on_lost = on_cancel, on_lost
        self._watched = ""
        self._told = False
        self._away = False
        self._changing = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="qdash-lease", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End. A thread that waits for a store that is away is left to itself: it renews nothing that was given up."""
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2 * LOOK_S)

    def watch(self, execution_id: str) -> None:
        """Write for which execution the lease is, and look at its record from now on."""
        self._renew(execution_id=execution_id)
        self._watched = execution_id

    def stop_watching(self) -> None:
        """Look at the execution no longer: its end is not news any more. The lease is still renewed."""
        self._watched = ""

    def _run(self) -> None:
        beat_s = self._lease.ttl_s / 3
        due = time.monotonic() + beat_s
        while not self._stopped.wait(min(LOOK_S, beat_s)):
            try:
                lost = None
                if time.monotonic() >= due:
                    lost = self._renew()
                    due = time.monotonic() + beat_s
                lost = lost or self._look()
            except Exception as error:  # noqa: BLE001  whatever fails, the lease has to be renewed as soon as it can be
                self._note_absence(error)
                continue
            self._note_presence()
            if lost is not None and not self._stopped.is_set():
                logger.error("%s", lost)
                _tell(partial(self._on_lost, lost))
                return

    def _renew(self, **changes: str) -> str | None:
        """Write the lease with a new expiry; returns why not, if somebody else holds it."""
        with self._changing:
            now = self._clock()
            renewed = self._lease.model_copy(
                update={
                    **changes,
                    "updated_at": now,
                    "expires_at": now + timedelta(seconds=self._lease.ttl_s),
                    "renewals": self._lease.renewals + 1,
                }
            )
            if not Repositories(self._store).locks.extend(renewed):
                return self._taken()
            self._lease = renewed
            return None

    def _look(self) -> str | None:
        """Return why the run has to stop, if so; a request to cancel is passed on."""
        lease, watched = self._lease, self._watched
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            held = repositories.locks.find(lease.project_id, lease.chip_id)
            execution = repositories.executions.find(lease.project_id, watched) if watched else None
        if held is None or held.owner != lease.owner:
            return self._taken()
        if execution is None or watched != self._watched:
            return None
        if execution.status.terminal:
            return (
                f"execution {watched} was ended from outside: it is {execution.status}, {execution.message}"
            )
        if execution.cancel_request is not None and not self._told:
            self._told = True
            _tell(partial(self._on_cancel, execution.cancel_request))
        return None

    def _taken(self) -> str:
        what = f"chip {self._lease.chip_id}" if self._lease.chip_id else f"project {self._lease.project_id}"
        return f"the lease on {what} was lost: somebody released it or took it over"

    def _note_absence(self, error: Exception) -> None:
        if not self._away:
            logger.warning("the lease cannot be renewed, which is tried again and again: %s", error)
        self._away = True

    def _note_presence(self) -> None:
        if self._away:
            logger.warning("the store is back")
        self._away = False


def _tell(listener: Callable[[], None]) -> None:
    """Call a listener; what it raises must not end the heartbeat."""
    try:
        listener()
    except Exception:
        logger.exception("a listener of the lease failed")
