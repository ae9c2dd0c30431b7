"""Processes that are forks of the one that starts them: without the start of Python and its imports, a third of a second each.

A fork is still a process of its own: it is killed after its time limit, and may break off. The readers of flows'
sources are such forks; `tests/features/flows/test_source_reader.py` starts one as everybody does.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import traceback
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


class Fork(subprocess.Popen[Any]):
    """A process that performs `perform` instead of the program that its arguments name."""

    @staticmethod
    def perform(arguments: Sequence[str]) -> None:
        """Do what the program would do."""
        raise NotImplementedError

    def _execute_child(self, args: Sequence[str], *given: Any) -> None:
        ends = given[9:15]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, if there are threads
            self.pid = os.fork()
        if self.pid == 0:
            self._become(args, ends[0], ends[3], ends[5])
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def _become(self, arguments: Sequence[str], *streams: int) -> NoReturn:
        gc.disable()  # or it would copy the memory of the parent
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number, stream in enumerate(streams):
                if stream >= 0:
                    os.dup2(stream, number)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # among them the other end of its input
            sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  what pytest captures is the parent's
            self.perform(arguments)
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:  # noqa: BLE001  as at the end of any program
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


class ForkedReader(Fork):
    """A reader of a flow's source."""

    @staticmethod
    def perform(arguments: Sequence[str]) -> None:
        """Read one source."""
        from qdash_builtin.flows.source_reader import main

        main()


def let_readers_be_forks() -> None:
    """Make the readers that this process starts forks of it."""
    from qdash_builtin.flows import flow_sources

    flow_sources.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": ForkedReader})  # type: ignore[assignment]
