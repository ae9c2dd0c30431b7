"""View models of the newest task results of a chip, by task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.results.newest_by_task import NewestResults


class NewestTaskCountsDocument(Document):
    """Counts of the newest finished result of a task on each target."""

    targets: int
    by_status: dict[TaskStatus, int]
    """Number of results by status, without zeros."""
    flagged: int
    """Number of flagged results that await a decision."""
    last_at: UtcDatetime
    """End of the most recent result."""


class NewestResultsDocument(Document):
    """The tasks with results on a chip, and counts of the newest result on each target."""

    chip_id: str
    tasks: dict[str, NewestTaskCountsDocument]

    @classmethod
    def from_results(cls, chip_id: str, found: Mapping[str, NewestResults]) -> Self:
        """Return the view model of the counts by task."""
        tasks = {name: NewestTaskCountsDocument.from_record(one) for name, one in found.items()}
        return cls(chip_id=chip_id, tasks=tasks)
