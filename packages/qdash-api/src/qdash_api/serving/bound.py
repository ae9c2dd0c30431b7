"""A command of `qdash` that ends with whoever started it: `python -m qdash_api.serving.bound COMMAND ..`.

Its standard input is a pipe that nothing is written to: when it is closed, on whatever system and by whatever end of the
process at its other side, the command is told to end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

GRACE_S = 20.0
"""So long it may take to end, in seconds."""


def main() -> None:
    """Run the command."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    from qdash_core.cli.main import main as command

    command(sys.argv[1:])


def _end_with(pipe: int) -> None:
    while os.read(pipe, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
