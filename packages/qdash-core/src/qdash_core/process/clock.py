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
import weakref
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError, StoreError, StoreUnavailableError
from qdash_core.process.file_modes import ensure_file

if TYPE_CHECKING:
    from pathlib import Path

CLOCK_FILE = "simulated-clock"
"""File of a home with a simulated clock."""
_TIME = struct.Struct("<q")
"""Contents of the file: microseconds since 1970, UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_US, _SET_BEFORE_US, _BEFORE_US = (
    (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND for year in (1970, 9990, 9999)
)
"""Bounds of the time; it is set and advanced to earlier times, so that its microseconds never reach the end."""


class Clock(Protocol):
    """Clock of a home."""

    @property
    def simulated(self) -> bool:
        """Return whether the time is simulated."""

    def now(self) -> datetime:
        """Return the current time in UTC."""


class MachineClock:
    """Clock of an ordinary home: that of the machine."""

    simulated = False

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return machine_now()


class SimulatedClock:
    """Clock of a simulated home, which stands still until it is advanced. Thread-safe, and re-entrant for signal handlers.

    All processes of the home share its file. Each reading advances it by a microsecond under a lock on the file, so that
    times are unique and in order among them, as they are with a real clock. If the file is not writable, the microseconds are
    counted in memory.

    Raises
    ------
    StoreError
        If the file is damaged, or was deleted or replaced; StoreUnavailableError if it cannot be opened, locked, read or written. Reading
        and advancing raise the same.
    """

    simulated = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._latest_us = 0
        self._open_file()
        _clocks.add(self)

    def _open_file(self) -> None:
        """Open the file; in a forked process anew, since processes that share a descriptor do not exclude each other."""
        self._threads, self._locked = threading.RLock(), False
        self._writable = os.access(self.path, os.W_OK)
        try:
            self._file = os.open(self.path, (os.O_RDWR if self._writable else os.O_RDONLY) | os.O_CLOEXEC)
            weakref.finalize(self, os.close, self._file)
            self._read()
        except OSError as error:
            raise _make_unavailable(self.path, error) from error

    @staticmethod
    def create(path: Path, start: datetime) -> None:
        """Create the file of a clock that shows `start`, or set a damaged one, with which open processes then continue.

        Raises
        ------
        InvalidInputError
            If the time is not in the years 1970 to 9989, or there is an intact clock.
        StoreUnavailableError
            If the file cannot be written.
        """
        contents = _TIME.pack(count_microseconds(start))
        try:
            ensure_file(path)
            with path.open("r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _parse(file.read()) is not None:
                    raise InvalidInputError(
                        f"{path} exists: the home has a simulated clock already. If its creation was interrupted, `qdash init` without a time "
                        "completes it; to begin at another time, delete the file first"
                    )
                os.pwrite(file.fileno(), contents, 0)
                file.truncate(len(contents))
                os.fsync(file.fileno())
        except OSError as error:
            raise _make_unavailable(path, error) from error

    @staticmethod
    def is_intact(path: Path) -> bool:
        """Return whether there is a clock, and it is not damaged; raise OSError if that cannot be read."""
        return path.exists() and _parse(path.read_bytes()) is not None

    def now(self) -> datetime:
        """Return the current time in UTC, later than every time that was read before."""
        return self._advance(_FIRST_US)

    def advance_to(self, moment: datetime) -> None:
        """Advance the clock to a time, never back; InvalidInputError for a time after the year 9989."""
        least_us = count_microseconds(moment)
        if not self._writable:
            raise StoreError(f"the simulated clock {self.path} is not writable: change its permissions")
        self._advance(least_us)

    def _advance(self, least_us: int) -> datetime:
        """Advance the clock by a microsecond, or further to `least_us`, and return its time.

        A signal handler may do the same in the midst of it: the lock on the file is released by the outermost call alone, and a time that a
        handler was given before this one was written is not given again.
        """
        try:
            with self._threads:
                outermost, self._locked = not self._locked, True
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX if self._writable else fcntl.LOCK_SH)
                    while True:
                        shown_us = max(self._read() + 1, self._latest_us + 1, least_us)
                        if self._writable:
                            os.pwrite(self._file, _TIME.pack(shown_us), 0)
                        if self._latest_us < shown_us:
                            break
                    self._latest_us = shown_us
                finally:
                    if outermost:
                        self._locked = False
                        fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            raise _make_unavailable(self.path, error) from error
        return _EPOCH + timedelta(microseconds=shown_us)

    def _read(self) -> int:
        if not self._is_in_place():
            raise StoreError(
                f"the simulated clock {self.path} was deleted or replaced while this process had it open: end the processes of the home, "
                "then run `qdash doctor`"
            )
        if (shown_us := _parse(os.pread(self._file, _TIME.size + 1, 0))) is None:
            raise StoreError(
                f"the simulated clock {self.path} is damaged: restore a backup (qdash store restore BACKUP --force), or set the clock with "
                "qdash init --simulated-clock TIME to a time after everything that was recorded"
            )
        return shown_us

    def _is_in_place(self) -> bool:
        """Return whether the open file is still that of its path, which other processes open."""
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self.path))  # noqa: PTH116  a Path costs as much again
        except FileNotFoundError:
            return False


def _make_unavailable(path: Path, error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(f"the simulated clock {path} cannot be used: {error.strerror or error}")


def _parse(contents: bytes) -> int | None:
    """Return the microseconds in the file of a clock, or None if it is damaged."""
    if len(contents) != _TIME.size:
        return None
    (shown_us,) = _TIME.unpack(contents)
    return shown_us if _FIRST_US <= shown_us < _BEFORE_US else None


def count_microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970; raise InvalidInputError for a time that no simulated clock shows."""
    found = (moment - _EPOCH) // _MICROSECOND
    if not _FIRST_US <= found < _SET_BEFORE_US:
        raise InvalidInputError(
            f"a simulated clock cannot show {moment:%Y-%m-%d %H:%M}: the years 1970 to 9989 are possible"
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
_clocks: weakref.WeakSet[SimulatedClock] = weakref.WeakSet()
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
                f"home {home} cannot be opened: this process has a home with another clock open. Close that one first, or open {home} in "
                "another process"
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
    for clock in list(_clocks):
        with suppress(StoreError):  # its next reading says why
            clock._open_file()


os.register_at_fork(after_in_child=_reopen_after_fork)
