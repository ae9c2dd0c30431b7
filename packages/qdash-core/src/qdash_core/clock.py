"""Clock of the process: the time of its home, and the time of the machine.

`utc_now` is the time that is recorded, shown, aged, planned and digested. `machine_now` is real time, for what real time
limits: instrument locks, heartbeats, time-outs, tokens, login sessions and logs. A comparison uses one of them on both sides.
"""

from __future__ import annotations

import fcntl
import gc
import os
import struct
import threading
import uuid
import weakref
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.file_modes import create_file

if TYPE_CHECKING:
    from pathlib import Path

CLOCK_FILE = "simulated-clock"
"""File of a home with a simulated clock."""
_TIME = struct.Struct("<q")
"""Contents of the file: microseconds since 1970, UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_US, _LAST_US = ((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND for year in (1970, 9999))


class Clock(Protocol):
    """Clock of a home."""

    @property
    def simulated(self) -> bool:
        """Return whether the time is simulated."""

    def now(self) -> datetime:
        """Return the current time in UTC."""

    def advance_to(self, moment: datetime) -> None:
        """Advance a simulated clock to a time, never back; raise InvalidInputError for another clock."""


class MachineClock:
    """Clock of an ordinary home: that of the machine."""

    simulated = False

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return machine_now()

    def advance_to(self, moment: datetime) -> None:
        """Raise InvalidInputError: real time advances by itself."""
        raise InvalidInputError(
            f"the clock of the machine cannot be advanced to {moment:%Y-%m-%d %H:%M}: a home with a simulated clock can, see "
            "`qdash init --simulated-clock`"
        )


class SimulatedClock:
    """Clock of a simulated home, which stands still until it is advanced. Thread-safe.

    All processes of the home share its file. Each reading advances it by a microsecond under a lock on the file, so that
    times are unique and in order among them, as they are with a real clock.

    Parameters
    ----------
    path : Path
        Its file, from `create`.

    Raises
    ------
    StoreError
        If the file cannot be opened or is damaged. Reading and advancing raise the same.
    """

    simulated = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open_file()
        self._read()

    @staticmethod
    def create(path: Path, start: datetime) -> None:
        """Create the file of a clock that shows `start`.

        Raises
        ------
        InvalidInputError
            If the time is not in the years 1970 to 9998, or there is a clock already.
        """
        contents = _TIME.pack(_count_microseconds(start))
        begun = path.with_name(f".{path.name}.{uuid.uuid4()}")
        with os.fdopen(create_file(begun), "wb") as file:
            file.write(contents)
        try:
            os.link(begun, path)  # complete from the beginning, also for a concurrent process
        except FileExistsError:
            raise InvalidInputError(f"{path} exists: the home has a simulated clock already") from None
        finally:
            begun.unlink()

    @staticmethod
    def is_intact(path: Path) -> bool:
        """Return whether there is a clock, and it is not damaged; raise OSError if that cannot be read."""
        return path.exists() and _parse(path.read_bytes()) is not None

    def now(self) -> datetime:
        """Return the current time in UTC, later than every time that was read before."""
        return self._advance(_FIRST_US)

    def advance_to(self, moment: datetime) -> None:
        """Advance the clock to a time, never back; InvalidInputError for a time after the year 9998."""
        self._advance(_count_microseconds(moment))

    def _advance(self, least_us: int) -> datetime:
        """Advance the clock by a microsecond, or further to `least_us`, and return its time."""
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                shown_us = max(self._read() + 1, least_us)
                os.pwrite(self._file, _TIME.pack(shown_us), 0)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return _EPOCH + timedelta(microseconds=shown_us)

    def _read(self) -> int:
        contents = os.pread(self._file, _TIME.size + 1, 0)
        if (shown_us := _parse(contents)) is None:
            raise StoreError(
                f"the simulated clock {self.path} is damaged: end the processes of the home, and restore a backup (qdash store restore), "
                "or set the clock with qdash init --simulated-clock TIME to a time after everything that was recorded"
            )
        return shown_us

    def _open_file(self) -> None:
        """Open the file; in a forked process anew, since processes that share a descriptor do not exclude each other."""
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise StoreError(f"the simulated clock {self.path} cannot be opened: {error.strerror}") from error
        self._threads = threading.RLock()  # re-entrant for signal handlers
        weakref.finalize(self, os.close, self._file)


def _parse(contents: bytes) -> int | None:
    """Return the microseconds in the file of a clock, or None if it is damaged."""
    if len(contents) != _TIME.size:
        return None
    (shown_us,) = _TIME.unpack(contents)
    return shown_us if _FIRST_US <= shown_us < _LAST_US else None


def _count_microseconds(moment: datetime) -> int:
    found = (moment - _EPOCH) // _MICROSECOND
    if not _FIRST_US <= found < _LAST_US:
        raise InvalidInputError(
            f"a simulated clock cannot show {moment:%Y-%m-%d %H:%M}: the years 1970 to 9998 are possible"
        )
    return found


def machine_now() -> datetime:
    """Return the current time of the machine as an aware UTC datetime."""
    return datetime.now(UTC)


def utc_now() -> datetime:
    """Return the current time of the home as an aware UTC datetime; that of the machine if no home was opened."""
    return _installed.now()


_MACHINE = MachineClock()
_installed: Clock = _MACHINE
_open: weakref.WeakSet[Clock] = weakref.WeakSet()
_installing = threading.Lock()


def get_clock() -> Clock:
    """Return the clock that `utc_now` reads."""
    return _installed


def open_clock(home: Path) -> Clock:
    """Open the clock of a home, and install it as that of the process, where it stays until another home is opened.

    Raises
    ------
    InvalidInputError
        If a home with another clock is open in this process.
    StoreError
        If the clock is damaged.
    """
    global _installed  # noqa: PLW0603  a process has one clock
    path = home / CLOCK_FILE
    clock: Clock = SimulatedClock(path.resolve()) if path.exists() else MachineClock()
    with _installing:
        if _is_another_open(clock):
            gc.collect()  # homes that were dropped and not closed
        if _is_another_open(clock):
            raise InvalidInputError(
                f"home {home} has another clock than a home that this process has open, and a process has one clock: "
                "open it in a process of its own"
            )
        _open.add(clock)
        _installed = clock if clock.simulated else _MACHINE
    return clock


def read_simulated_clock(home: Path) -> datetime | None:
    """Return the time of the simulated clock of a home, or None if it has that of the machine; StoreError if it is damaged."""
    path = home / CLOCK_FILE
    return SimulatedClock(path).now() if path.exists() else None


def close_clock(clock: Clock) -> None:
    """Let this process open homes with another clock."""
    with _installing:
        _open.discard(clock)


def _is_another_open(clock: Clock) -> bool:
    return any(_identify(one) != _identify(clock) for one in _open)


def _identify(clock: Clock) -> object:
    return clock.path if isinstance(clock, SimulatedClock) else None


def _reopen_after_fork() -> None:
    if isinstance(_installed, SimulatedClock):
        _installed._open_file()


os.register_at_fork(after_in_child=_reopen_after_fork)
