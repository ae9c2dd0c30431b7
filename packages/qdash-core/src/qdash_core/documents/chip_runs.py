"""What runs on a chip, and what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.executions import EXECUTION_EXAMPLE, ExecutionHeader
from qdash_core.documents.leases import LEASE_EXAMPLE, LeaseDocument
from qdash_core.documents.queue import ENTRY_EXAMPLE, QueueEntryDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.runs.waiting import ChipRuns


class ChipRunsDocument(Document):
    """What runs on a chip, and what waits for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "leases": [LEASE_EXAMPLE],
                    "running": [EXECUTION_EXAMPLE],
                    "waiting": [ENTRY_EXAMPLE],
                }
            ]
        }
    )

    leases: list[LeaseDocument]
    """Who has its instrument, of whatever project."""
    running: list[ExecutionHeader]
    """Executions on it that go on, and those whose process has died (`interrupted`)."""
    waiting: list[QueueEntryDocument]
    """In the order in which they begin."""

    @classmethod
    def of(cls, runs: ChipRuns, chips: Mapping[str, Sequence[str]]) -> Self:
        """Return the document of what runs; `chips` has those of each instrument."""
        return cls(
            leases=[LeaseDocument.of(one, chips[one.lease.instrument]) for one in runs.leases],
            running=[ExecutionHeader.of(one.execution, interrupted=one.interrupted) for one in runs.running],
            waiting=[QueueEntryDocument.of(one) for one in runs.waiting],
        )
