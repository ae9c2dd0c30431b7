"""How the newest results of a chip stand, task by task."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.task import LatestResultModel, TaskStatus


@dataclass(frozen=True, slots=True)
class NewestOfTask:
    """The newest finished result of a task on each target that has one.

    Parameters
    ----------
    targets : int
        How many targets have one.
    by_status : mapping
        How many of these ended how, without zeros.
    flagged : int
        Of how many of these validation flagged the values.
    last_at : datetime
        When the last of them ended.
    """

    targets: int
    by_status: Mapping[TaskStatus, int]
    flagged: int
    last_at: datetime

    @classmethod
    def of(cls, results: list[LatestResultModel]) -> Self:
        """Return how results stand, of which there is one at least."""
        return cls(
            targets=len(results),
            by_status=dict(Counter(one.status for one in results)),
            flagged=sum(one.verdict is Verdict.FLAGGED for one in results),
            last_at=max(one.end_at for one in results),
        )


def by_task(results: Iterable[LatestResultModel]) -> dict[str, NewestOfTask]:
    """Return how newest results stand by the name of their task, in order of names."""
    found: dict[str, list[LatestResultModel]] = {}
    for one in results:
        found.setdefault(one.name, []).append(one)
    return {name: NewestOfTask.of(found[name]) for name in sorted(found)}
