"""View model of the running and queued executions of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.runs.views.executions import ExecutionHeader
from qdash_builtin.runs.views.locks import LeaseDocument
from qdash_builtin.runs.views.queue import QueueEntryDocument
from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.queue_service import ChipRuns


class ChipRunsDocument(Document):
    """The running and queued executions of a chip."""

    leases: list[LeaseDocument]
    """Locks on its instrument, held from any project."""
    running: list[ExecutionHeader]
    """Its running executions, and those whose process has died (`interrupted`)."""
    waiting: list[QueueEntryDocument]
    """Queue entries, in the order in which they start."""

    @classmethod
    def from_runs(cls, runs: ChipRuns, chips: Mapping[str, Sequence[str]]) -> Self:
        """Return the view model of a chip's runs; `chips` maps each instrument to its chips."""
        return cls(
            leases=[LeaseDocument.from_status(one, chips[one.lock.instrument]) for one in runs.locks],
            running=[
                ExecutionHeader.from_execution(one.execution, interrupted=one.interrupted)
                for one in runs.running
            ],
            waiting=[QueueEntryDocument.from_status(one) for one in runs.waiting],
        )
