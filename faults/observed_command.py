"""`qdash` with a watcher that also writes its progress to a file: `python -m faults.observed_command FILE ARGUMENTS`.

Each piece of progress is one line of JSON, written before it is shown: what is in the file was acknowledged,
whatever happens next.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from faults.own_flow import ProgressFile
from qdash_builtin.runs.text_output import run_display
from qdash_cli.main import main

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel


class _ReportWriter(run_display.RunDisplay):
    """Watcher that shows progress as usual and writes it to a file. Written lines survive a kill, since the
    kernel has them.
    """

    lines: ProgressFile

    def began(self, execution_id: str) -> None:
        self.lines.began(execution_id)
        super().began(execution_id)

    def finished(self, result: TaskResultModel) -> None:
        self.lines.finished(result)
        super().finished(result)


if __name__ == "__main__":
    _ReportWriter.lines = ProgressFile(sys.argv[1])
    run_display.RunDisplay = _ReportWriter  # type: ignore[misc]  # commands import it from there
    main(sys.argv[2:])
