"""Shared prepared process of all test processes: started on first use; other sets of modules have a process
of their own.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from .shared_files import shared_path

if TYPE_CHECKING:
    from typing import Self

    import pytest

PATIENCE_S = 60.0
"""Timeout for the end of the other test processes, in s."""
CPU_S = [0.0]
"""CPU time of the commands that this test process has requested, in s."""
_STARTED: list[subprocess.Popen[bytes]] = []
_CONNECTED: list[Shared] = []


class Shared:
    """A connection to the prepared process (see `processes`), which lives while anyone is connected. A
    context manager.
    """

    def __init__(self, factory: pytest.TempPathFactory, *modules: str) -> None:
        self._modules = modules
        with shared_path(factory, f"prepared{crc32(repr(modules).encode()):x}") as self.path:
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
        self._close()  # it does not exist, or was about to end
        return False

    def _start(self) -> None:
        self.path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening:
            # Early connections wait until the process is ready.
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
        for process in [] if _CONNECTED else _STARTED:  # another test process may still need it
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE_S)

    def ask(self, request: str) -> int:
        """Send a request for a command, and return its exit status."""
        self._lines.write(request + "\n")
        self._lines.flush()
        status, used_s = self._lines.readline().split()
        CPU_S[0] += float(used_s)
        return int(status)
