"""Commands of shell scripts as forks of a process that has imported `qdash`: much faster, also in parallel.

The client, installed as `qdash` or `python` for scripts, passes its arguments, environment, folder and standard
streams to `processes`, and exits with the returned status. The process of a run is such a fork, too.
"""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from typing import NoReturn

CLIENT = """\
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    wanted = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(), "program": {program!r}}}
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(json.dumps(wanted).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(os.waitstatus_to_exitcode(int(server.makefile().read().split()[1])))
"""


def answer(client: socket.socket, streams: list[int]) -> None:
    """Run the command of a client with its streams, and tell it the process id and at the end the status."""
    wanted = json.loads(b"".join(iter(lambda: client.recv(65536), b"")))
    child = os.fork()
    if child == 0:
        _run(streams, **wanted)
    for stream in streams:
        os.close(stream)
    with suppress(OSError):
        client.sendall(f"{child}\n".encode())
    threading.Thread(target=_end_with, args=(client, child), daemon=True).start()
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        client.sendall(f"{status}\n".encode())


def _end_with(client: socket.socket, child: int) -> None:
    """Send SIGTERM to a command when its caller has ended."""
    gone = select.poll()
    gone.register(client, 0)
    gone.poll()
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)


def _run(
    streams: list[int],
    *,
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    program: str,
    umask: int = -1,
    own_session: bool = False,
) -> NoReturn:
    from processes import become_command, become_program

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if own_session:
        os.setsid()
    if umask >= 0:
        os.umask(umask)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    become = {"qdash": become_command, "python": become_program}[program]
    become(arguments, environment, folder)
