"""Wrapper of a `qdash` command that ends with its parent: `python -m qdash_api.server.parent_watchdog COMMAND ..`.

Its standard input is a pipe that closes when the parent ends, on any system and for any reason; the command then
receives SIGTERM.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

GRACE_S = 20.0
"""Time limit for the command to end, in seconds."""


def main() -> None:
    """Run the command."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_terminate_with_parent, args=(pipe,), daemon=True).start()
    from qdash_cli.main import main as command

    command(sys.argv[1:])


def _terminate_with_parent(pipe: int) -> None:
    while os.read(pipe, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
