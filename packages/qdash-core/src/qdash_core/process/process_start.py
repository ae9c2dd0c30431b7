"""Start of QDash's processes: signals, memory, logging and limits of numpy."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from _thread import interrupt_main
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.process.interrupts import end_by_signal, raise_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

READY_VARIABLE = "QDASH_READY_FD"
"""Environment variable with the file descriptor for `announce_ready`."""
_REPEAT_DELAY_S = 0.01
_M_ARENA_MAX, _ARENAS = -8, 2
"""Name of the parameter in malloc.h, and its value."""
_VERBOSE_LIBRARIES = ("httpx",)
"""Libraries that log every request at INFO, which would hide all else with a runner that polls a server."""


def begin_process() -> None:
    """Set up signals, memory, logging and algebra, for a process whose main thread runs commands or flows.

    SIGTERM and a lost terminal (SIGHUP) end it without a message, until `interrupt_on_termination` or another handler.

    Raises
    ------
    InvalidInputError
        If `QDASH_LOG_LEVEL` is not a level.
    """
    collect_garbage_rarely()
    # Pydantic looks for plugins of its own in the metadata of all installed distributions. Empty, the variable asks for them.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    _replace_handlers(signal.SIG_DFL, end_by_signal)  # under nohup, SIGHUP is ignored on purpose
    _repeat_dropped_interrupts()
    _limit_algebra_threads()
    level = os.environ.get("QDASH_LOG_LEVEL", "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        known = ", ".join(logging.getLevelNamesMapping())
        raise InvalidInputError(f"QDASH_LOG_LEVEL: {level!r} is not a level ({known})")
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(message)s")
    for name in _VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def collect_garbage_rarely() -> None:
    """Collect garbage less often: imported modules stay in memory, and the usual rate takes a tenth of the time of a short process."""
    gc.set_threshold(20_000, 50, 50)


def interrupt_on_termination() -> None:
    """Handle SIGTERM and a lost terminal (SIGHUP) like Ctrl-C after `begin_process`, so that a run is recorded as cancelled."""
    _replace_handlers(end_by_signal, raise_interrupt)


def announce_ready() -> None:
    """Announce to the process that has started this one, if it waits for that, that this one is at work."""
    number = os.environ.pop(READY_VARIABLE, None)
    if number is not None:
        with suppress(OSError, ValueError):
            os.write(int(number), b"\n")
            os.close(int(number))


def limit_memory_arenas() -> None:
    """Limit glibc's allocator to two arenas for all threads of this process, unless `MALLOC_ARENA_MAX` is set.

    Other allocators are unaffected. Each of the usual eight for a processor keeps memory that the threads of a server
    have freed.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        import ctypes

        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def _limit_algebra_threads() -> None:
    """Limit numpy to one thread, unless the environment sets another number, before numpy is first imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _replace_handlers(before: object, handler: Callable[[int, FrameType | None], None]) -> None:
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is before:
            signal.signal(number, handler)


def _repeat_dropped_interrupts() -> None:
    """Repeat an interrupt that Python drops with a warning, as in callbacks of the import system."""
    usual = sys.unraisablehook

    def heed(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is KeyboardInterrupt:
            threading.Timer(_REPEAT_DELAY_S, interrupt_main).start()
        else:
            usual(dropped)

    sys.unraisablehook = heed
