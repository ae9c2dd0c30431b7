"""Whether the process that left a mark still lives, as far as can be known from here."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


held_here: set[str] = set()
"""Owners of the marks that this process holds: one that bears its number, and is not among them, was left behind."""


class Marked(Protocol):
    """What is known of a process that holds something, as `ProcessMark` has it."""

    @property
    def owner(self) -> str:
        """The hold: another one every time."""

    @property
    def host(self) -> str:
        """The host of the process."""

    @property
    def pid(self) -> int:
        """Its number there."""

    @property
    def pid_space(self) -> str:
        """What tells hosts of one name apart; empty: unknown."""

    @property
    def process_start(self) -> float:
        """When it started, as its host counts."""

    @property
    def expires_at(self) -> datetime:
        """Until when the mark holds if it is not renewed."""

    @property
    def ttl_s(self) -> float:
        """So long it lives without being renewed, in seconds."""


class Liveness(StrEnum):
    """What is known of the holder of a mark."""

    ALIVE = "alive"
    DEAD = "dead"
    DOUBTFUL = "doubtful"
    """On another host, and its mark has expired, or the clocks disagree: only watching its renewals can tell."""


def liveness(mark: Marked, now: datetime) -> Liveness:
    """Return what is known of the process that left a mark.

    On this host the process itself decides, however old the mark is; for another host, its time.

    Parameters
    ----------
    mark : Marked
        As it was last written: a lease, or any other row that a process renews.
    now : datetime
        What the clock says here.
    """
    if (mark.host, mark.pid_space or pid_space()) == (socket.gethostname(), pid_space()):
        try:
            alive = process_start(mark.pid) == mark.process_start
        except PermissionError:
            pass  # a process that may not be looked at, of another user: its mark must tell
        else:
            if alive and mark.pid == os.getpid():
                alive = mark.owner in held_here
            return Liveness.ALIVE if alive else Liveness.DEAD
    believable = now < mark.expires_at <= now + timedelta(seconds=mark.ttl_s)
    return Liveness.ALIVE if believable else Liveness.DOUBTFUL


def is_live(mark: Marked, now: datetime) -> bool:
    """Whether a mark may still hold: nothing proves that its holder is dead."""
    return liveness(mark, now) is not Liveness.DEAD


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
