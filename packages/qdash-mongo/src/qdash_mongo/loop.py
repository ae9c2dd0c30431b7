"""Event loop of the driver: one background thread for all stores of a process, whose synchronous methods wait."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine
    from concurrent.futures import Future

T = TypeVar("T")


class DriverLoop(asyncio.SelectorEventLoop):
    """Event loop that closes the sockets of cancelled connections, which the driver leaks."""

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        try:
            await super().sock_connect(sock, address)
        except asyncio.CancelledError:
            sock.close()
            raise


class BackgroundLoop:
    """Event loop in a thread that ends with the process."""

    def __init__(self) -> None:
        self._loop = DriverLoop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="qdash-mongo", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine, and return its result.

        An interrupt, such as Ctrl-C, is raised after the coroutine has finished: a sent request cannot be recalled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        interrupt = _wait(future)
        if interrupt is not None:
            raise interrupt
        return future.result()

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Start a coroutine without waiting for it."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Stop the loop, and cancel its tasks."""
        asyncio.run_coroutine_threadsafe(_cancel_all_and_stop(), self._loop)
        self._thread.join(_LAST_WAIT_S)


_LAST_WAIT_S = 2.0
_GUARD = threading.Lock()
_LOOPS: list[BackgroundLoop] = []


def get_background_loop() -> BackgroundLoop:
    """Return the loop of this process, started on first use."""
    with _GUARD:
        if not _LOOPS:
            _LOOPS.append(BackgroundLoop())
        return _LOOPS[-1]


def _wait(future: Future[T]) -> BaseException | None:
    """Wait until a future is done; return the exception that interrupted the wait, or None."""
    interrupt: BaseException | None = None
    while not future.done():
        try:
            future.exception()
        except BaseException as error:  # noqa: BLE001  it is raised once the future is done
            interrupt = interrupt or error
    return interrupt


async def _cancel_all_and_stop() -> None:
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    rest = [task for task in asyncio.all_tasks() if task is not this]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    loop.call_soon(loop.stop)


def _stop() -> None:
    for loop in _LOOPS:
        loop.stop()


_INHERITED: list[BackgroundLoop] = []
"""Loops of the parent process: never used, and kept from garbage collection, as their selectors belong to the parent."""


def _after_fork_in_child() -> None:
    """Forget the loops of the parent process: threads do not survive a fork."""
    global _GUARD  # noqa: PLW0603  another thread of the parent may have held it
    _GUARD = threading.Lock()
    _INHERITED.extend(_LOOPS)
    _LOOPS.clear()


atexit.register(_stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
