"""Time limits of calls: a call that reaches its limit is interrupted.

In the main thread a signal interrupts the call, so that a waiting system call returns. In another thread Python can
only raise an exception between two instructions: a call that waits in C continues until it returns. Work that does
not stop within a grace period is stuck, which another thread reports to the caller. One thread waits for the earliest
end of all limits, so that a call that ends in time wakes no thread.

The raised exception is not an `Exception`, so that code that retries after any failure does not catch it. It may be
raised while the limit is being removed; to remove it twice has no effect.
"""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.errors import TaskStuckError, TaskTimeoutError
from qdash_core.process.interrupts import allow_interrupts, signal_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

T = TypeVar("T")


class TimeUpError(BaseException):
    """Exception raised in work that exceeds its time limit; `call_within` converts it to a `TaskTimeoutError`."""


def call_within(
    seconds: float,
    work: Callable[[], T],
    *,
    what: str,
    time_up: Callable[[], None] = lambda: None,
    grace_s: float = threading.TIMEOUT_MAX,
    stuck: Callable[[str], None] = lambda _message: None,
) -> T:
    """Call `work` with a time limit, and raise interrupts as `allow_interrupts` does.

    Its return value is dropped if it returns after the limit. At the limit another thread calls `time_up`, before the
    work is interrupted, and calls `stuck` with the message if the work has not stopped `grace_s` seconds later. The
    message names the work `what`.

    Raises
    ------
    TaskTimeoutError
        If the work took longer; `TaskStuckError` if `stuck` was called before it returned.
    KeyboardInterrupt
        If an interrupt came, regardless of the remaining time.
    """
    limit = _Limit(seconds, time_up, grace_s, lambda: stuck(_make_stuck_message(what, seconds, grace_s)))
    try:
        try:
            limit.begin()
            with allow_interrupts():
                answer = work()
        finally:
            limit.lift()
    except BaseException as error:
        limit.lift()
        if isinstance(error, KeyboardInterrupt) or not limit.is_up:
            raise
        raise _make_timeout_error(limit, what, seconds, grace_s) from error
    if limit.is_up:
        raise _make_timeout_error(limit, what, seconds, grace_s)
    return answer


def _make_timeout_error(limit: _Limit, what: str, seconds: float, grace_s: float) -> TaskTimeoutError:
    if limit.is_stuck:
        return TaskStuckError(_make_stuck_message(what, seconds, grace_s))
    return TaskTimeoutError(_make_message(what, seconds))


def _make_message(what: str, seconds: float) -> str:
    return f"{what} took longer than its timeout of {seconds:g} s"


def _make_stuck_message(what: str, seconds: float, grace_s: float) -> str:
    return f"{_make_message(what, seconds)}, and did not stop within {grace_s:g} s"


class _Limit:
    """State of one call under a limit, shared by its thread and the thread that ends it.

    The guards are plain locks, whose methods are single instructions: nothing can be raised in the middle of one.
    """

    def __init__(
        self, seconds: float, time_up: Callable[[], None], grace_s: float, stuck: Callable[[], None]
    ) -> None:
        self.ends_at_s = time.monotonic() + max(0.0, min(seconds, threading.TIMEOUT_MAX))
        self._grace_s = min(grace_s, threading.TIMEOUT_MAX)
        self._time_up, self._stuck = time_up, stuck
        self._thread = threading.get_ident()
        self._by_signal = hasattr(signal, "SIGALRM") and (
            threading.current_thread() is threading.main_thread()
        )
        self._guard = threading.Lock()
        self._running = threading.Lock()
        """Lock held while the work runs: the thread that ends it waits for it."""
        self._ending = threading.Lock()
        """Lock held by the thread that ends the work until it has finished."""
        self.in_force = False
        self.is_up = False
        self.is_stuck = False

    def begin(self) -> None:
        self._running.acquire()
        self.in_force = True
        if self._by_signal:
            _alarm.add(self)
        _timer.add(self)

    def lift(self) -> None:
        """End the limit: no later exception is raised for it."""
        with self._guard:
            if self.in_force:
                self.in_force = False
                self._running.release()
        _timer.remove(self)
        if self._by_signal:
            _alarm.remove(self)
        elif self.is_up:
            _absorb_pending(self._thread)
        if self.is_stuck:
            with self._ending:
                pass

    def end(self) -> None:
        """End the work at its limit, and report it if it does not stop; in a thread of its own."""
        with self._ending:
            self._end()

    def _end(self) -> None:
        with self._guard:
            self.is_up = self.in_force
        if not self.is_up:
            return
        self._time_up()
        with self._guard:
            if not self.in_force:
                return
            if self._by_signal:
                signal_main_thread(signal.SIGALRM)
            else:
                _raise_in(self._thread, TimeUpError)
        if not self._running.acquire(timeout=self._grace_s):
            with self._guard:
                self.is_stuck = self.in_force
            if self.is_stuck:
                self._stuck()


class _Alarm:
    """Signal that interrupts calls in the main thread; handled only while a call has a limit."""

    def __init__(self) -> None:
        self._limits: list[_Limit] = []
        self._raised: set[_Limit] = set()
        self._before: Any = None

    def add(self, limit: _Limit) -> None:
        if not self._limits:
            self._before = signal.signal(signal.SIGALRM, self._handle)
        self._limits.append(limit)

    def remove(self, limit: _Limit) -> None:
        if limit not in self._limits:
            return
        if len(self._limits) == 1:
            signal.signal(signal.SIGALRM, self._before or signal.SIG_DFL)
        self._limits.remove(limit)
        self._raised.discard(limit)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        up = [limit for limit in self._limits if limit.is_up]
        for limit in up:
            if limit.in_force and limit not in self._raised:
                self._raised.add(limit)
                raise TimeUpError
        if not up and callable(self._before):
            self._before(number, frame)  # an alarm of other code


_alarm = _Alarm()


def _raise_in(thread: int, kind: type[BaseException]) -> None:
    """Raise an exception in a thread at its next instruction, replacing one that is still pending."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind))


def _absorb_pending(thread: int) -> None:
    """Ensure that no pending exception is raised in this thread.

    Python can withdraw an asynchronous exception, but still checks for it then: another one is therefore raised and caught.
    """
    try:
        _raise_in(thread, TimeUpError)
        while True:
            pass
    except TimeUpError:
        return


class _Timer:
    """Thread that ends the calls whose limits are reached. A new limit wakes it only if it ends before all others.

    The guard is a plain lock, as in `_Limit`.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._limits: set[_Limit] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at_s = 0.0
        self._earlier = queue.SimpleQueue[None]()
        """Has an entry for each limit that ends before the thread would wake."""

    def add(self, limit: _Limit) -> None:
        with self._guard:
            self._limits.add(limit)
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="qdash-time-limit", daemon=True)
                thread.start()
                self._thread = thread
            elif limit.ends_at_s < self._wakes_at_s:
                self._wakes_at_s = limit.ends_at_s
                self._earlier.put(None)

    def remove(self, limit: _Limit) -> None:
        with self._guard:
            self._limits.discard(limit)

    def forget(self) -> None:
        """Start without limits in a forked process, which has no other threads."""
        self.__init__()  # type: ignore[misc]

    def _run(self) -> None:
        while True:
            self._end_reached()
            with suppress(queue.Empty):
                self._earlier.get(timeout=max(0.0, self._wakes_at_s - time.monotonic()))

    def _end_reached(self) -> None:
        with self._guard:
            now_s = time.monotonic()
            reached = [limit for limit in self._limits if limit.ends_at_s <= now_s]
            self._limits.difference_update(reached)
            if (
                self._limits or self._wakes_at_s <= now_s
            ):  # else a later limit, such as the next one, need not wake it
                ends_s = (limit.ends_at_s for limit in self._limits)
                self._wakes_at_s = min(ends_s, default=now_s + threading.TIMEOUT_MAX)
        for limit in reached:
            try:
                threading.Thread(target=limit.end, name="qdash-time-limit", daemon=True).start()
            except RuntimeError:  # there can be no more threads: the other limits wait
                limit.end()


_timer = _Timer()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_timer.forget)
