"""Programs of tests as forks of the test process, as by `python -c`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from ..prepared.forks import Fork

if TYPE_CHECKING:
    from collections.abc import Sequence


class ForkedProgram(Fork):
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

    @staticmethod
    def perform(arguments: Sequence[str]) -> None:
        """Perform the program."""
        option, program, *others = arguments
        sys.argv = [option, *others]
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})


def run_forked(program: str, *arguments: object) -> str:
    """Perform a program to its end, and return its standard output."""
    with ForkedProgram(program, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return str(output)
