"""Report server of QDash's worker for the processes that Prefect starts on this machine."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import tempfile
import threading
from contextlib import ExitStack, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from types import TracebackType

logger = logging.getLogger(__name__)

_KEY_BYTES = 32
_CANCEL_TIMEOUT_S = 10.0
"""Longest time until Prefect's worker receives a cancel of a flow run, in seconds."""
_PAUSE_S = 0.5
"""Delay after a failed accept, in seconds: the machine may have run out of file descriptors."""
_LONGEST_FOLDER = 80
"""Longest path of the folder of a socket, in bytes: with its name, about 100 is the limit on all systems."""


class Relay:
    """Process started by Prefect for a flow run, see `relay`."""

    def __init__(self, flow_run_id: str, connection: Connection) -> None:
        self.flow_run_id = flow_run_id
        self._connection = connection
        self.was_terminated = threading.Event()
        """Set when Prefect has told the process to end."""
        self.on_termination: Callable[[], None] = lambda: None
        """Called when that happens, in a thread of the report server."""

    def dismiss(self, status: int = 0) -> None:
        """End the process with an exit status."""
        with suppress(OSError):
            self._connection.send_bytes(str(status).encode())

    def dismiss_after_termination(self) -> None:
        """End the process once Prefect has terminated it and then calls hooks, or after a time limit."""

        def wait() -> None:
            self.was_terminated.wait(_CANCEL_TIMEOUT_S)
            self.dismiss()

        threading.Thread(target=wait, name="qdash-dismissing", daemon=True).start()

    def listen(self) -> None:
        """Receive the messages of the process until it ends."""
        while (message := receive_message(self._connection)) is not None:
            if message["what"] == "told to end":
                self.was_terminated.set()
                self.on_termination()


class ReportServer:
    """Report server for relays and Prefect's worker. A context manager: it listens during the block.

    `on_start` is called with each started flow run in a thread of its own, `on_poll` when Prefect's worker has asked
    for runs.
    """

    def __init__(self, *, on_start: Callable[[Relay], None], on_poll: Callable[[], None]) -> None:
        self._on_start, self._on_poll = on_start, on_poll
        self._stack = ExitStack()
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        key = secrets.token_bytes(_KEY_BYTES)
        folder = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="qdash-", dir=_choose_socket_parent())
        )
        # A Unix socket in a private folder if the system has those, else one on the loopback
        # interface.
        family = "AF_UNIX" if hasattr(socket, "AF_UNIX") else None
        self._listener = Listener(str(Path(folder) / "post") if family else None, family, authkey=key)
        self.address_text = json.dumps({"address": self._listener.address, "key": key.hex()})
        """Environment value with the address and the key, for processes that report here."""
        threading.Thread(target=self._accept, name="qdash-post", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._wake()
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                _shut_down(connection)
        self._stack.close()

    def _wake(self) -> None:
        """Wake the thread that accepts connections, which may have ended already."""
        address = self._listener.address
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        with suppress(OSError), socket.socket(family) as caller:
            caller.settimeout(_PAUSE_S)
            caller.connect(address)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection = self._listener.accept()
            except (AuthenticationError, EOFError, OSError) as error:
                if not self._closed.is_set():
                    logger.debug("refused a connection to the report server: %s", error)
                    self._closed.wait(_PAUSE_S if isinstance(error, OSError) else 0.0)
                continue
            threading.Thread(
                target=self._receive, args=(connection,), name="qdash-post-heard", daemon=True
            ).start()

    def _receive(self, connection: Connection) -> None:
        """Receive the messages of one process until it ends."""
        with self._lock:
            self._connections.add(connection)
        try:
            while (message := receive_message(connection)) is not None:
                if message["what"] == "polled":
                    self._on_poll()
                else:
                    relay = Relay(message["flow_run_id"], connection)
                    threading.Thread(
                        target=self._on_start, args=(relay,), name="qdash-arrived", daemon=True
                    ).start()
                    relay.listen()
                    return
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


def _choose_socket_parent() -> str | None:
    """Return the parent folder for the socket's folder, or None for the default."""
    return "/tmp" if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER else None  # noqa: S108  in a private one


def receive_message(connection: Connection) -> dict[str, Any] | None:
    """Return the next message of a process, or None if it has ended."""
    try:
        message: dict[str, Any] = json.loads(connection.recv_bytes())
    except (EOFError, OSError):
        return None
    return message


def _shut_down(connection: Connection) -> None:
    """Shut down a connection that a thread reads, which closing it would leave waiting."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
