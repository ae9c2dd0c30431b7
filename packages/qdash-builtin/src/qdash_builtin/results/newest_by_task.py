"""Statistics of the newest task results of a chip, by task."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.task import LatestResultModel, TaskStatus


@dataclass(frozen=True, slots=True)
class NewestResults:
    """Statistics of the newest finished result of a task on each target that has one; by status without zeros.

    Parameters
    ----------
    flagged : int
        Number of flagged results that await a decision.
    last_at : datetime
        End of the most recent result.
    """

    targets: int
    by_status: Mapping[TaskStatus, int]
    flagged: int
    last_at: datetime

    @classmethod
    def from_results(cls, results: list[LatestResultModel]) -> Self:
        """Return the statistics of one or more results."""
        return cls(
            targets=len(results),
            by_status=dict(Counter(one.status for one in results)),
            flagged=sum(one.flagged_task_id == one.task_id for one in results),
            last_at=max(one.end_at for one in results),
        )


def count_by_task(results: Iterable[LatestResultModel]) -> dict[str, NewestResults]:
    """Return the statistics of newest results by task name, in order of names."""
    found: dict[str, list[LatestResultModel]] = {}
    for one in results:
        found.setdefault(one.name, []).append(one)
    return {name: NewestResults.from_results(found[name]) for name in sorted(found)}
