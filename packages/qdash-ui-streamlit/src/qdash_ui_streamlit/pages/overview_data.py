"""Data of the overview, loaded from the host with eight concurrent requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_client.generated.api.chips import list_chips
from qdash_client.generated.api.executions import interrupted_executions, list_executions
from qdash_client.generated.api.locks import list_locks
from qdash_client.generated.api.queue import list_queue
from qdash_client.generated.api.timetables import list_timetables
from qdash_client.generated.api.workers import list_workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.documents.chips import ChipHeader
    from qdash_core.documents.executions import ExecutionHeader
    from qdash_core.documents.locks import LeaseDocument
    from qdash_core.documents.queue import QueueEntryDocument, WorkerDocument
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

CHIPS = 12
_RUNS = 10
_WAITING = 100


@dataclass(frozen=True, slots=True)
class OverviewData:
    """Current data of the overview.

    Parameters
    ----------
    chips : sequence of ChipHeader
        Newest chips.
    more_chips : bool
        Whether there are more.
    running, last, interrupted : sequence of ExecutionHeader
        Running, newest and interrupted executions.
    queue : sequence of QueueEntryDocument
        Waiting and running runs.
    workers : sequence of WorkerDocument
        Live workers.
    locks : sequence of LeaseDocument
        Locks on instruments.
    timetables : sequence of TimetableDocument
        Timetables.
    """

    chips: Sequence[ChipHeader]
    more_chips: bool
    running: Sequence[ExecutionHeader]
    last: Sequence[ExecutionHeader]
    interrupted: Sequence[ExecutionHeader]
    queue: Sequence[QueueEntryDocument]
    workers: Sequence[WorkerDocument]
    locks: Sequence[LeaseDocument]
    timetables: Sequence[TimetableDocument]


def load_overview(view: View) -> OverviewData:
    """Load the data from the host."""
    with ThreadPoolExecutor(8) as pool:
        chips = pool.submit(view.ask, list_chips, limit=CHIPS)
        running = pool.submit(view.ask, list_executions, status=["running"], limit=_RUNS)
        last = pool.submit(view.ask, list_executions, limit=_RUNS)
        interrupted = pool.submit(view.ask, interrupted_executions, limit=_RUNS)
        queue = pool.submit(view.ask, list_queue, limit=_WAITING)
        workers = pool.submit(view.ask, list_workers, limit=_WAITING)
        locks = pool.submit(view.ask, list_locks)
        timetables = pool.submit(view.ask, list_timetables, limit=_WAITING)
        return OverviewData(
            chips=chips.result().items,
            more_chips=bool(chips.result().next_),
            running=[one for one in running.result().items if not one.interrupted],
            last=last.result().items,
            interrupted=interrupted.result().items,
            queue=queue.result().items,
            workers=workers.result().items,
            locks=locks.result().leases,
            timetables=timetables.result().items,
        )
