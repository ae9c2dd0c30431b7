"""The one prepared process of all test processes: the first that needs it starts it, and those who need more modules have one of theirs."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from typing import Self

    import pytest

PATIENCE_S = 60.0
"""How long the other test processes are waited for in the end."""
_STARTED: list[subprocess.Popen[bytes]] = []
_CONNECTED: list[Shared] = []


class Shared:
    """A connection to the prepared process, see `processes`; that lives while anybody is connected. A context manager."""

    def __init__(self, factory: pytest.TempPathFactory, *modules: str) -> None:
        self._modules = modules
        base = factory.getbasetemp()
        folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
        self.path = folder / f"prepared{crc32(repr(modules).encode()):x}"
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_connected():
                self._start()
                assert self._is_connected()

    def _is_connected(self) -> bool:
        self._socket = socket.socket(socket.AF_UNIX)
        self._lines = self._socket.makefile("rw", encoding="utf-8")
        with suppress(OSError):
            self._socket.connect(str(self.path))
            self._socket.sendall(b".")
            if self._lines.readline():
                return True
        self._close()  # it is not there, or was about to end
        return False

    def _start(self) -> None:
        self.path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening:
            # Who connects before the process is ready waits for it.
            listening.bind(str(self.path))
            listening.listen()
            handle = listening.fileno()
            script = Path(__file__).with_name("processes.py")
            command = [sys.executable, "-W", "error", str(script), str(handle), *self._modules]
            _STARTED.append(subprocess.Popen(command, pass_fds=[handle]))

    def _close(self) -> None:
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        _CONNECTED.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        _CONNECTED.remove(self)
        for process in [] if _CONNECTED else _STARTED:  # another test process may need it still
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE_S)

    def ask(self, request: str) -> str:
        """Send a line and return the line that answers it."""
        self._lines.write(request + "\n")
        self._lines.flush()
        return self._lines.readline()
