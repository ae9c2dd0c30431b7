"""The lock of a project: a lease that its holder renews, so that a crash does not block anybody for long."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError, QDashError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionLockModel
from qdash_core.repositories.repositories import Repositories
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.repositories.store import Store

logger = logging.getLogger(__name__)


class ExecutionLock:
    """One run's hold on a project.

    Parameters
    ----------
    store : Store
        Where the lease is kept.
    project_id : str
        What is locked.
    ttl_s : float
        Life of an unrenewed lease; it is renewed every third of it.
    """

    def __init__(
        self, store: Store, project_id: str, *, ttl_s: float, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._project_id = project_id
        self._ttl = timedelta(seconds=ttl_s)
        self._clock = clock
        self._lease: ExecutionLockModel | None = None
        self._renewing = threading.Lock()
        self._released = threading.Event()
        self._heartbeat: threading.Thread | None = None

    @property
    def owner(self) -> str:
        """What the lease says of its holder: different for every hold."""
        assert self._lease is not None
        return self._lease.owner

    def acquire(self) -> None:
        """Take the lease, or take it over from a holder that no longer lives.

        Raises
        ------
        LockedError
            If somebody holds it: who, since when, and how to look at it.
        """
        now = self._clock()
        pid = os.getpid()
        lease = ExecutionLockModel(
            project_id=self._project_id,
            owner=str(uuid.uuid4()),
            host=socket.gethostname(),
            pid=pid,
            process_start=_process_start(pid) or 0.0,
            acquired_at=now,
            expires_at=now + self._ttl,
        )
        with self._store.transaction() as transaction:
            locks = Repositories(transaction).locks
            held = locks.find(self._project_id)
            if held is not None and is_live(held, now):
                raise LockedError(_spoken(held))
            locks.put(lease)
        self._lease = lease
        self._released.clear()
        self._heartbeat = threading.Thread(target=self._renew, name="qdash-lease", daemon=True)
        self._heartbeat.start()

    def assign(self, execution_id: str) -> None:
        """Say which execution the lease is for, so that a refused run can tell."""
        assert self._lease is not None
        with self._renewing:
            self._lease = self._lease.model_copy(update={"execution_id": execution_id})
            Repositories(self._store).locks.extend(self._lease, self._clock() + self._ttl)

    def release(self) -> None:
        """Give the lease up. Nothing happens when it is not held."""
        if self._lease is None:
            return
        self._released.set()
        if self._heartbeat is not None:
            self._heartbeat.join()
        Repositories(self._store).locks.remove(self._project_id, owner=self._lease.owner)
        self._lease = None

    def _renew(self) -> None:
        assert self._lease is not None
        while not self._released.wait(self._ttl.total_seconds() / 3):
            try:
                with self._renewing:
                    held = Repositories(self._store).locks.extend(self._lease, self._clock() + self._ttl)
                if not held:
                    logger.error("the lease on project %s was taken by somebody else", self._project_id)
                    return
            except QDashError as error:
                logger.warning("the lease on project %s could not be renewed: %s", self._project_id, error)


def is_live(lease: ExecutionLockModel, now: datetime) -> bool:
    """Whether a lease still holds: on this host its process lives, on another it has not expired."""
    if lease.host == socket.gethostname():
        try:
            return _process_start(lease.pid) == lease.process_start
        except PermissionError:
            pass  # a process that may not be looked at, in a container or of another user: its lease must tell
    return lease.expires_at > now


def _process_start(pid: int) -> float | None:
    """Return when a process started, in a unit of its own; None when it does not live.

    Linux counts ticks since the machine started, which a change of the clock does not move.
    """
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _process_start_elsewhere(pid)
    try:
        state, *fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # A killed process keeps its number until its parent has asked for its end, which in a container may be never.
    return None if state == "Z" else float(fields[18])


def _process_start_elsewhere(pid: int) -> float | None:
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied as error:
        raise PermissionError(str(error)) from error


def _spoken(held: ExecutionLockModel) -> str:
    since = held.acquired_at.astimezone(load_settings().zone).isoformat(sep=" ", timespec="seconds")
    in_use = f"project {held.project_id} is in use by execution {held.execution_id}"
    if (held.host, held.pid) == (socket.gethostname(), os.getpid()):
        return f"{in_use} of this process (since {since}): finish or cancel its calibration first"
    return (
        f"{in_use} (process {held.pid} on {held.host}, since {since}): "
        f"see `qdash executions show {held.execution_id}`"
    )
