"""`qdash`, whose watcher also writes down what it is told: `python -m faults.watched FILE ARGUMENTS`.

A line of JSON for each piece of progress, before it is shown: what is in the file was acknowledged, whatever happens next.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from faults.own_flow import Lines
from qdash_core.cli import main
from qdash_core.cli.rendering import watching

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel


class _Writing(watching.Watcher):
    """Shows progress as ever, and writes it down. What is written is the kernel's, and outlives the process."""

    lines: Lines

    def began(self, execution_id: str) -> None:
        self.lines.began(execution_id)
        super().began(execution_id)

    def finished(self, result: TaskResultModel) -> None:
        self.lines.finished(result)
        super().finished(result)


if __name__ == "__main__":
    _Writing.lines = Lines(sys.argv[1])
    watching.Watcher = _Writing  # type: ignore[misc]  # commands take it from there
    main(sys.argv[2:])
