"""Commands and programs as forks of the prepared process, for tests that speak to them while they run."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class PreparedCommand(subprocess.Popen[Any]):
    """A process like any other for its caller, although another process is its parent.

    Parameters
    ----------
    server : Path
        Socket of the prepared process.
    arguments : sequence
        `qdash` or `python` by their paths, and the arguments.
    **given : value
        Environment, folder and streams, as of `subprocess.Popen`.
    """

    def __init__(self, server: Path, arguments: Sequence[str | Path], **given: Any) -> None:
        self._server = server
        super().__init__(arguments, **given)

    def _execute_child(self, args: Sequence[str | Path], *given: Any) -> None:
        program, *arguments = map(str, args)
        folder, environment, ends = given[4], given[5], given[9:15]
        wanted = {
            "program": "qdash" if Path(program).name == "qdash" else "python",
            "arguments": arguments,
            "environment": dict(environment),
            "folder": str(folder),
            "umask": given[19],
            "own_session": given[20],
        }
        streams = [max(end, number) for number, end in enumerate((ends[0], ends[3], ends[5]))]
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._server))
            socket.send_fds(connection, [b"."], streams)
            connection.sendall(json.dumps(wanted).encode())
            connection.shutdown(socket.SHUT_WR)
            self._said = connection.makefile("rb", buffering=0)
        self.pid = int(self._said.readline())
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _internal_poll(self, **_: object) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):  # type: ignore[attr-defined]
            try:
                pid, status = self._try_wait(os.WNOHANG) if self.returncode is None else (0, 0)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        return self._hear(self.pid, wait_flags)

    def _hear(self, pid: int, wait_flags: int) -> tuple[int, int]:
        """Return what `os.waitpid` returns to a parent."""
        if wait_flags == os.WNOHANG and not select.select([self._said], [], [], 0)[0]:
            return 0, 0
        with self._said:
            return pid, int(self._said.readline() or signal.SIGKILL)
