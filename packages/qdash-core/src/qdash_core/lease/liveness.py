"""Whether the process that holds a lease still lives, as far as can be known from here."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.execution import ExecutionLockModel


held_here: set[str] = set()
"""Owners of the leases that this process holds: one that bears its number, but not its mark, was left behind."""


class Liveness(StrEnum):
    """What is known of the holder of a lease."""

    ALIVE = "alive"
    DEAD = "dead"
    DOUBTFUL = "doubtful"
    """On another host, and its lease has expired, or the clocks disagree: only watching its renewals can tell."""


def liveness(lease: ExecutionLockModel, now: datetime) -> Liveness:
    """Return what is known of the holder of a lease.

    On this host its process decides, however old the lease is; for another host, its time.

    Parameters
    ----------
    lease : ExecutionLockModel
        As it was last written.
    now : datetime
        What the clock says here.
    """
    if (lease.host, lease.pid_space or pid_space()) == (socket.gethostname(), pid_space()):
        try:
            alive = process_start(lease.pid) == lease.process_start
        except PermissionError:
            pass  # a process that may not be looked at, of another user: its lease must tell
        else:
            if alive and lease.pid == os.getpid():
                alive = lease.owner in held_here
            return Liveness.ALIVE if alive else Liveness.DEAD
    believable = now < lease.expires_at <= now + timedelta(seconds=lease.ttl_s)
    return Liveness.ALIVE if believable else Liveness.DOUBTFUL


def is_live(lease: ExecutionLockModel, now: datetime) -> bool:
    """Whether a lease may still hold: nothing proves that its holder is dead."""
    return liveness(lease, now) is not Liveness.DEAD


@cache
def pid_space() -> str:
    """Return what tells apart hosts of one name, as containers are: the start of the machine, and whose pids these are.

    Empty where the system does not say.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def process_start(pid: int) -> float | None:
    """Return when a process started, in a unit of its own; None when it does not live.

    Linux counts ticks since the machine started, which a change of the clock does not move.

    Raises
    ------
    PermissionError
        If the process may not be looked at.
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
