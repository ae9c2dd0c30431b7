"""What Prefect's page shows of a run while it goes on: its log, read from our record, in batches."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import QDashError
from qdash_core.models.base import utc_now
from qdash_prefect.client import PrefectAwayError

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.flow_run import FlowRun

logger = logging.getLogger(__name__)

_EVERY_S = 2.0
_AT_ONCE = 200
"""So many lines one request brings."""
_LONGEST = 20_000
_LAST_WORDS_S = 2.0
"""So long the last words of a run are waited for: they are written just after its end."""


@dataclass
class _Read:
    """How far the log of a run has been mirrored."""

    flow_run: FlowRun
    seq: int
    begun: str = ""
    """A line whose end is not written yet."""
    looks_left: int | None = None
    """So many looks until it is over; None: it goes on."""


class LogMirror:
    """Shows on Prefect's page what runs say, in a thread of its own. A context manager.

    It reads the log of the record, where everything is first. What cannot be shown is not missed: the record has it.
    """

    def __init__(self, client: PrefectClient, runtime: Runtime) -> None:
        self._client, self._runtime = client, runtime
        self._reads: list[_Read] = []
        self._changing = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="qdash-prefect-logs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def begin(self, flow_run: FlowRun) -> None:
        """Mirror what a run says from now on."""
        parts = self._runtime.repositories.logs.of_execution(*flow_run.where, seq=0)
        seq = max((part.seq for part in parts), default=0)
        with self._changing:
            self._reads.append(_Read(flow_run, seq))

    def end(self, flow_run: FlowRun) -> None:
        """Mirror what is left of a run that has ended."""
        with self._changing:
            for read in self._reads:
                if read.flow_run is flow_run:
                    read.looks_left = round(_LAST_WORDS_S / _EVERY_S)

    def _work(self) -> None:
        while not self._over.wait(_EVERY_S):
            self._look()
        self._look()

    def _look(self) -> None:
        with self._changing:
            reads = [*self._reads]
        try:
            lines = [line for read in reads for line in self._new(read)]
            for place in range(0, len(lines), _AT_ONCE):
                self._client.post("/logs/", lines[place : place + _AT_ONCE])
        except PrefectAwayError:
            pass  # what is said meanwhile is in the record
        except QDashError as error:
            logger.warning("what runs say is not shown by Prefect: %s", error)
        over = []
        for read in reads:
            if read.looks_left is not None:
                read.looks_left -= 1
                over += [read] if read.looks_left < 0 else []
        with self._changing:
            self._reads = [read for read in self._reads if read not in over]

    def _new(self, read: _Read) -> list[dict[str, Any]]:
        """Return what a run has said since the last look, as Prefect takes it."""
        text = read.begun
        for part in self._runtime.repositories.logs.of_execution(*read.flow_run.where, seq=read.seq):
            read.seq = part.seq
            text += part.text
        *lines, read.begun = text.split("\n")
        return [_log(read.flow_run.flow_run_id, line) for line in lines if line.strip()]


def _log(flow_run_id: str, line: str) -> dict[str, Any]:
    """Return a line of our log, `TIME [LEVEL NAME:] TEXT`, or what a program has printed, as Prefect takes it."""
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
