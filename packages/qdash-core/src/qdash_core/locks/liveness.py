"""Liveness of the processes behind heartbeat records."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from datetime import datetime


held_here: set[str] = set()
"""Owners of the marks that this process holds. A mark with its pid but another owner is stale."""


class MarkHolder(Protocol):
    """Holder of a mark, with the fields of `ProcessMark`."""

    @property
    def owner(self) -> str:
        """Identifier of the hold, new for every acquisition."""

    @property
    def host(self) -> str:
        """The host of the process."""

    @property
    def pid(self) -> int:
        """Process id on its host."""

    @property
    def pid_space(self) -> str:
        """Identifier that tells hosts of one name apart, or empty if unknown."""

    @property
    def process_start(self) -> float:
        """Start time of the process in its host's own count."""

    @property
    def expires_at(self) -> datetime:
        """Time at which the mark expires unless renewed."""

    @property
    def ttl_s(self) -> float:
        """Lifetime without a renewal, in seconds."""


class Liveness(StrEnum):
    """Liveness of the process that holds a mark."""

    ALIVE = "alive"
    DEAD = "dead"
    DOUBTFUL = "doubtful"
    """On another host, with an expired mark or disagreeing clocks: only watching its renewals can tell."""


def assess_liveness(mark: MarkHolder, now: datetime) -> Liveness:
    """Return the liveness of the process that wrote a mark.

    On this host the process table decides, however old the mark is; for another host, the expiry decides. `mark` is
    the last written mark: a lock, or another record that a process renews. `now` is the current time of the machine.
    """
    if (mark.host, mark.pid_space or identify_pid_space()) == (socket.gethostname(), identify_pid_space()):
        try:
            alive = get_process_start(mark.pid) == mark.process_start
        except PermissionError:
            pass  # a process of another user that cannot be inspected: the mark decides
        else:
            if alive and mark.pid == os.getpid():
                alive = mark.owner in held_here
            return Liveness.ALIVE if alive else Liveness.DEAD
    believable = now < mark.expires_at <= now + timedelta(seconds=mark.ttl_s)
    return Liveness.ALIVE if believable else Liveness.DOUBTFUL


def is_live(mark: MarkHolder) -> bool:
    """Return whether the holder of a mark may be alive now."""
    return assess_liveness(mark, machine_now()) is not Liveness.DEAD


@cache
def identify_pid_space() -> str:
    """Return an identifier of the machine's boot and pid namespace, which tells containers apart; empty if there is none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def get_process_start(pid: int) -> float | None:
    """Return the start time of a process in a unit of its host, or None if it is not alive.

    No change of the clock moves it.

    Raises
    ------
    PermissionError
        If the process cannot be inspected.
    """
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _process_start_elsewhere(pid)
    try:
        state, *fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # A killed process keeps its pid until its parent reaps it, which may never happen in a container.
    return None if state == "Z" else float(fields[18])


def _process_start_elsewhere(pid: int) -> float | None:
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied as error:
        raise PermissionError(str(error)) from error
