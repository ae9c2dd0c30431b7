"""Shutdown on a signal: callbacks on termination, and a deadline after which the process exits in any case."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from qdash_core.process.interrupts import is_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

logger = logging.getLogger(__name__)

T = TypeVar("T")

GRACE_S = 3
"""Time after the first signal to answer requests under way, in seconds; then they are cancelled."""
EXIT_S = 3.5
"""Maximum time from the first signal to the exit of the process, in seconds."""
_DEADLINE_REACHED = (
    "exiting %g s after the signal with requests in progress: uncommitted writes are rolled back"
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXITED_AT_ONCE = 130
_LOG_S = 0.2
"""Time limit for the last line of the log, in seconds: it may block if its reader has stopped reading."""


def call_interruptibly(work: Callable[[], T]) -> T:
    """Call a function in a daemon thread, and return its result.

    A signal interrupts the wait for the thread; it would not interrupt SQLite's wait for a locked file.
    """
    outcome: Future[T] = Future()

    def call() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised by the thread that waits
            outcome.set_exception(error)

    threading.Thread(target=call, name="qdash-start", daemon=True).start()
    return outcome.result()


@contextmanager
def on_termination(act: Callable[[signal.Signals], object]) -> Iterator[None]:
    """Call `act` before the installed handler of SIGINT and SIGTERM, for the length of a block.

    Does nothing outside the main thread, which alone receives signals.
    """
    if not is_main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        act(signal.Signals(number))
        installed = before[signal.Signals(number)]
        if callable(installed):
            installed(number, frame)

    for number in _SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def exit_deadline(
    within_s: float = EXIT_S,
    *,
    before_exit: Callable[[], None] = lambda: None,
    exit_process: Callable[[int], object] = os._exit,
) -> Iterator[None]:
    """Exit the process some seconds after the first signal within the block, and at once at the second.

    The deadline also holds after the block, while Python joins its threads. No acknowledged write is lost: a request is
    answered after its commit. Only a repetition of the same signal counts as the second, since Ctrl-C in a terminal
    sends SIGINT to all processes and the parent then sends SIGTERM to this one. `exit_process` exits with a status,
    without waiting for threads.
    """
    # A handler may interrupt the main thread anywhere: of the queues and locks, only SimpleQueue is reentrant.
    signalled: SimpleQueue[bool] = SimpleQueue()
    arrived: Counter[signal.Signals] = Counter()

    def act(number: signal.Signals) -> None:
        arrived[number] += 1
        if arrived[number] > 1:
            exit_process(_EXITED_AT_ONCE)
        signalled.put(True)

    def wait() -> None:
        if signalled.get():
            time.sleep(within_s)
            log = threading.Thread(target=logger.warning, args=(_DEADLINE_REACHED, within_s), daemon=True)
            log.start()
            log.join(_LOG_S)
            before_exit()
            exit_process(0)

    threading.Thread(target=wait, name="qdash-exit-deadline", daemon=True).start()
    try:
        with on_termination(act):
            yield
    finally:
        signalled.put(False)
        if arrived:
            gc.freeze()  # the interpreter's final garbage collection would take longer than the rest of the shutdown
