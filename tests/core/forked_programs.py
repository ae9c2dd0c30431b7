"""Programs of tests as forks of the test process: `python -c` without the start of Python and its imports, a third of a second each."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


class ForkedProgram(subprocess.Popen[str]):
    """A process that performs a program.

    Parameters
    ----------
    program : str
        Source of the program.
    *arguments : object
        Arguments, in `sys.argv` as texts.
    **given : value
        Streams, as of `subprocess.Popen`.
    """

    def __init__(self, program: str, *arguments: object, **given: Any) -> None:
        super().__init__(["-c", program, *map(str, arguments)], text=True, **given)

    def _execute_child(self, args: Sequence[str], *given: Any) -> None:
        ends = given[9:15]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, if there are threads
            self.pid = os.fork()
        if self.pid == 0:
            _become_program(args[1], ["-c", *args[2:]], ends[0], ends[3], ends[5])
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]


def run_forked(program: str, *arguments: object) -> str:
    """Perform a program to its end, and return its standard output."""
    with ForkedProgram(program, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def _become_program(program: str, arguments: list[str], *streams: int) -> NoReturn:
    gc.disable()  # or it would copy the memory of the parent
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, stream in enumerate(streams):
            if stream >= 0:
                os.dup2(stream, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  what pytest captures is the parent's
        sys.argv = arguments
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  as at the end of any program
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
