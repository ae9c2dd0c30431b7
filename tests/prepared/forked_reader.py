"""Readers of flows' sources as forks: `source_reader` without the start of Python and its imports, a third of a
second for each check of a source.

The reader is still a process of its own: it is killed after its time limit, and may break off at a source.
`tests/core/projects/test_source_reader.py` starts it as everybody does.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NoReturn


class ForkedReader(subprocess.Popen[bytes]):
    """A process that becomes the reader instead of starting it."""

    def _execute_child(self, *given: Any) -> None:
        ends = given[10:16]
        self.pid = os.fork()
        if self.pid == 0:
            become_reader(ends[0], ends[3], ends[5])
        self._child_created = True
        self._close_pipe_fds(*ends)  # type: ignore[attr-defined]


def become_reader(*streams: int) -> NoReturn:
    """Read one source with these standard streams, as `source_reader` does, and exit."""
    gc.disable()  # or it would copy the memory of the parent
    status = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # among them the other end of its input
        from qdash_core.projects.source_reader import main

        sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115  what pytest captures is the parent's
        main()
        sys.stdout.flush()
        status = 0
    finally:
        os._exit(status)


def let_readers_be_forks() -> None:
    """Make the readers that this process starts forks of it."""
    from qdash_core.projects import flow_sources

    flow_sources.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": ForkedReader})  # type: ignore[assignment]
