"""Interrupts of a run by Ctrl-C, SIGTERM or a lost terminal: long work is interrupted, writes are completed first.

A signal raised in the middle of recording would leave the record and the state in memory different. So, while
`defer_interrupts` is in force, it is raised only within `allow_interrupts`, where the code of plugins runs; elsewhere
it is remembered until the next such place. The third one is raised wherever it arrives.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_MAX_DEFERRED = 2


class _Interrupts:
    """Interrupts that have arrived. Signals belong to the process, so there is one object."""

    def __init__(self) -> None:
        self.heard: list[signal.Signals] = []
        """The signals that are deferred, or none if no block defers any."""
        self.open = False
        self.pending = False
        self.dropped = False
        """True if one was raised and has not ended the process: code in C may have dropped it."""
        self.arrived = 0
        self.last: signal.Signals | None = None
        """The signal that has arrived last."""
        self.notify: Callable[[], None] = lambda: None

    def begin(self, notify: Callable[[], None]) -> None:
        self.open, self.pending, self.dropped = False, self.dropped, False
        self.arrived, self.last, self.notify = 0, None, notify
        if self.pending:
            notify()

    def handle(self, number: int, _frame: FrameType | None) -> None:
        self.arrived += 1
        self.last = signal.Signals(number)
        self.pending = True
        self.notify()
        if self.open or self.arrived > _MAX_DEFERRED:
            self.raise_pending()

    def raise_pending(self) -> None:
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt

    @property
    def in_force(self) -> bool:
        return bool(self.heard)


_interrupts = _Interrupts()


def raise_interrupt(_number: int, _frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, as the handler of a signal, and remember it: see `raise_dropped`."""
    _interrupts.dropped = True
    raise KeyboardInterrupt


def end_by_signal(number: int, _frame: FrameType | None) -> None:
    """End this process without a message by the default effect of a signal, as its handler: nothing is in progress yet."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    os._exit(128 + number)  # the first process of a container, for which signals have no default effect


def raise_dropped() -> None:
    """Raise KeyboardInterrupt if an earlier one was lost, for example in C code."""
    if was_dropped():
        raise KeyboardInterrupt


def was_dropped() -> bool:
    """Return, once for each, whether an earlier interrupt has not ended this process: it may cause a later failure."""
    dropped, _interrupts.dropped = _interrupts.dropped, False
    return dropped


def block_signals() -> None:
    """Block the signals that would end this process, where the system can: they arrive within `unblock_signals`."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _list_ending_signals())


@contextmanager
def unblock_signals() -> Iterator[None]:
    """Unblock the signals of `block_signals` during a block; main thread only."""
    try:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _list_ending_signals())
        yield
    finally:
        block_signals()


@contextmanager
def block_ctrl_c() -> Iterator[None]:
    """Block Ctrl-C during a block. A process started within it starts with Ctrl-C blocked."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _list_ending_signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _SIGNALS if hasattr(signal, name)]


def is_main_thread() -> bool:
    """Return whether this is the thread that signals reach."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def defer_interrupts(notify: Callable[[], None]) -> Iterator[None]:
    """Defer interrupts during a block to the next `allow_interrupts` block; `notify` is called as soon as one arrives.

    Raises
    ------
    BaseException
        If an interrupt ends the block and another handler of the signal, such as Prefect's, raises it.
    """
    if not is_main_thread() or _interrupts.in_force:
        yield  # signals reach the main thread only, and only one run of it at a time
        return
    _interrupts.begin(notify)
    theirs = [number for number in _list_ending_signals() if not _is_handled(number)]
    try:
        with handle_ending_signals(_interrupts.handle) as heard:
            _interrupts.heard = sorted(heard, key=lambda number: number not in theirs)
            try:
                yield
            finally:
                _interrupts.heard = []
    except KeyboardInterrupt:
        if _interrupts.last in theirs:
            signal.raise_signal(_interrupts.last)
        raise


def _is_handled(number: signal.Signals) -> bool:
    """Return whether a signal raises KeyboardInterrupt or has its default effect, and interrupts are not deferred."""
    usual = (raise_interrupt, end_by_signal, signal.default_int_handler, signal.SIG_DFL, signal.SIG_IGN, None)
    return signal.getsignal(number) in usual


@contextmanager
def handle_ending_signals(handle: Callable[[int, FrameType | None], None]) -> Iterator[list[signal.Signals]]:
    """Call `handle` for every signal that would end this process, during a block; main thread only.

    Ignored signals, as with nohup, stay ignored, and signals with a handler in C (None) keep it.
    Yields the handled signals.
    """
    heard = [
        number for number in _list_ending_signals() if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def leave_signals_to_server() -> Iterator[None]:
    """Leave the signals that end this process to a server of uvicorn, during a block; main thread only.

    The server handles SIGINT and SIGTERM itself, and raises them again after its shutdown, which has no effect here. SIGHUP acts as SIGTERM.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            signal.raise_signal(signal.SIGTERM)

    with handle_ending_signals(handle):
        yield


@contextmanager
def allow_interrupts() -> Iterator[None]:
    """Allow interrupts during a block, for code that may take long and leaves nothing half-written.

    Raises
    ------
    KeyboardInterrupt
        If one has arrived, now or before.
    """
    if not _interrupts.in_force or not is_main_thread():
        yield
        return
    _interrupts.raise_pending()
    before, _interrupts.open = _interrupts.open, True
    try:
        yield
    finally:
        _interrupts.open = before


@contextmanager
def forbid_interrupts() -> Iterator[None]:
    """Defer interrupts again during a block within an `allow_interrupts` block, for code that records."""
    before, _interrupts.open = _interrupts.open, False
    try:
        yield
    finally:
        _interrupts.open = before


def raise_pending() -> None:
    """Raise KeyboardInterrupt if one has been deferred."""
    if _interrupts.in_force:
        _interrupts.raise_pending()


def interrupt() -> None:
    """Interrupt the run in the main thread from any thread, as Ctrl-C does; a blocking call returns.

    Does nothing if interrupts are not deferred: a run elsewhere learns of it from its `cancelled` only.
    """
    if _interrupts.in_force:
        signal_main_thread(_interrupts.heard[0])


def signal_main_thread(number: signal.Signals) -> None:
    """Send a signal to the main thread, so that the system call in which it waits returns."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        _thread.interrupt_main(number)
