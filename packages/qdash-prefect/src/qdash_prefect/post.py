"""The post: where the processes that Prefect starts on this machine report to QDash's worker."""

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
_TOLD_S = 10.0
"""So long Prefect's worker takes at most to hear that a flow run is being cancelled."""
_PAUSE_S = 0.5
"""So long nobody is let in after somebody could not be: this machine may have no more files to give."""
_LONGEST = 80
"""So many bytes the path of a folder may have in which there is a socket: with its name, some 100 are the most everywhere."""


class Relay:
    """The process that Prefect has started for a flow run, see `relay`.

    Parameters
    ----------
    flow_run_id : str
        Which flow run.
    connection : Connection
        To it.
    """

    def __init__(self, flow_run_id: str, connection: Connection) -> None:
        self.flow_run_id = flow_run_id
        self._connection = connection
        self.told = threading.Event()
        """Set when Prefect has told the process to end."""
        self.told_to_end: Callable[[], None] = lambda: None
        """Called then, from a thread of the post."""

    def dismiss(self, status: int = 0) -> None:
        """Let the process end, with an exit status."""
        with suppress(OSError):
            self._connection.send_bytes(str(status).encode())

    def dismiss_when_told(self) -> None:
        """Let the process end when Prefect has told it to, after which Prefect calls hooks; without a word, after a while."""

        def wait() -> None:
            self.told.wait(_TOLD_S)
            self.dismiss()

        threading.Thread(target=wait, name="qdash-dismissing", daemon=True).start()

    def listen(self) -> None:
        """Hear the process until it has ended."""
        while (said := heard(self._connection)) is not None:
            if said["what"] == "told to end":
                self.told.set()
                self.told_to_end()


class Post:
    """Hears relays, and Prefect's worker. A context manager: nobody is heard any more when the block is left.

    Parameters
    ----------
    arrived : callable
        Told of each flow run that has been started, in a thread of its own.
    polled : callable
        Told whenever Prefect's worker has asked its server for runs, and got an answer.
    """

    def __init__(self, *, arrived: Callable[[Relay], None], polled: Callable[[], None]) -> None:
        self._arrived, self._polled = arrived, polled
        self._stack = ExitStack()
        self._connections: set[Connection] = set()
        self._changing = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        key = secrets.token_bytes(_KEY_BYTES)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="qdash-", dir=_where()))
        # A socket in a folder of one's own where the system has such sockets, else one of this machine.
        family = "AF_UNIX" if hasattr(socket, "AF_UNIX") else None
        self._listener = Listener(str(Path(folder) / "post") if family else None, family, authkey=key)
        self.told = json.dumps({"address": self._listener.address, "key": key.hex()})
        """What the environment of a process says that is to report here."""
        threading.Thread(target=self._accept, name="qdash-post", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._wake()
        self._listener.close()
        with self._changing:
            for connection in self._connections:
                _hang_up(connection)
        self._stack.close()

    def _wake(self) -> None:
        """Let what waits for somebody to come hear of the end. It may have heard already: no answer is waited for."""
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
                    logger.debug("somebody could not be let in at the post: %s", error)
                    self._closed.wait(_PAUSE_S if isinstance(error, OSError) else 0.0)
                continue
            threading.Thread(
                target=self._hear, args=(connection,), name="qdash-post-heard", daemon=True
            ).start()

    def _hear(self, connection: Connection) -> None:
        """Hear one process to its end."""
        with self._changing:
            self._connections.add(connection)
        try:
            while (said := heard(connection)) is not None:
                if said["what"] == "polled":
                    self._polled()
                else:
                    relay = Relay(said["flow_run_id"], connection)
                    threading.Thread(
                        target=self._arrived, args=(relay,), name="qdash-arrived", daemon=True
                    ).start()
                    relay.listen()
                    return
        finally:
            with self._changing:
                self._connections.discard(connection)
            connection.close()


def _where() -> str | None:
    """Return where the folder of the socket is to be; None: where such folders usually are."""
    return "/tmp" if len(os.fsencode(tempfile.gettempdir())) > _LONGEST else None  # noqa: S108  a folder of its own in it


def heard(connection: Connection) -> dict[str, Any] | None:
    """Return what a process says next; None: it has ended."""
    try:
        said: dict[str, Any] = json.loads(connection.recv_bytes())
    except (EOFError, OSError):
        return None
    return said


def _hang_up(connection: Connection) -> None:
    """End a connection that a thread listens to: closing it alone would wait for what comes next."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
