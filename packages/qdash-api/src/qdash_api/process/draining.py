"""The end of a host by a signal: streams are ended first, since the server waits for what is open before it closes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.interrupts import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 130


@contextmanager
def draining(begin: Callable[[], None]) -> Iterator[None]:
    """Call `begin` in the event loop when the process is told to end, before the server's own handler; for a block.

    The same signal again ends the process at once. (Ctrl-C reaches every process of a terminal, and whoever started this
    one tells it by another signal: that is no second one.) Nothing is done where no signal arrives: beside the main thread.
    """
    if not in_main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _ENDING}
    arrived: Counter[int] = Counter()

    def handle(number: int, frame: FrameType | None) -> None:
        arrived[number] += 1
        if arrived[number] > 1:
            os._exit(_AT_ONCE)
        loop.call_soon_threadsafe(begin)
        servers = before[signal.Signals(number)]
        if callable(servers):
            servers(number, frame)

    for number in _ENDING:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
