"""Log of a run in Prefect's format, read from the record."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import LogRepository

if TYPE_CHECKING:
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.flow_run import FlowRun

_LONGEST = 20_000
"""Maximum number of characters of a line."""


class RunLog:
    """Log lines of a run, from its creation on."""

    def __init__(self, runtime: Runtime, flow_run: FlowRun) -> None:
        self._runtime, self._flow_run = runtime, flow_run
        before = runtime.repositories.of(LogRepository).list_by_execution(*flow_run.where, seq=0)
        self._seq = max((part.seq for part in before), default=0)
        self._begun = ""
        """Incomplete last line."""

    def read_new(self, *, last: bool = False) -> list[dict[str, Any]]:
        """Return the lines since the last call; the `last` one also returns an incomplete line.

        Raises StoreUnavailableError; the next call then returns these lines.
        """
        parts = [
            *self._runtime.repositories.of(LogRepository).list_by_execution(
                *self._flow_run.where, seq=self._seq
            )
        ]
        text = self._begun + "".join(part.text for part in parts)
        *lines, self._begun = text.split("\n")
        self._seq = max((part.seq for part in parts), default=self._seq)
        if last:
            lines, self._begun = [*lines, self._begun], ""
        return [make_log_document(self._flow_run.flow_run_id, line) for line in lines if line.strip()]


def make_log_document(flow_run_id: str, line: str) -> dict[str, Any]:
    """Return a log line, `TIME [LEVEL NAME:] TEXT` or output of a program, in Prefect's format."""
    time, _, text = line.partition(" ")
    try:
        at = datetime.fromisoformat(time)
    except ValueError:
        at, text = utc_now(), line
    level = logging.getLevelNamesMapping().get(text.partition(" ")[0], logging.INFO)
    return {
        "name": "qdash",
        "level": level,
        "message": text[:_LONGEST],
        "timestamp": (at if at.tzinfo else utc_now()).isoformat(),
        "flow_run_id": flow_run_id,
    }
