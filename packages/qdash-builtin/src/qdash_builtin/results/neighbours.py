"""Neighbours of a result: the earlier and the later one in time, and those of its task on the other targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from qdash_builtin.results.requests import ResultSequence
from qdash_core.models.base import UtcDatetime
from qdash_core.models.targets import by_number
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.results import TaskResultHistoryRepository

_SEARCHED = 20
"""Number of results that are searched for a measurement: some are refits."""
_NIGHT = timedelta(hours=12)
"""Longest time between results of one night."""
_MOST_OF_NIGHT = 5000


class PlacedResult(BaseModel):
    """Compact projection of a task result: task, target and start."""

    task_id: str
    execution_id: str
    name: str
    qid: str = ""
    start_at: UtcDatetime | None = None
    refit_of: str | None = None
    raw_data_path: list[str] = []


@dataclass(frozen=True, slots=True)
class ResultNeighbours:
    """Neighbours of a result in time and space, all of them measurements; each is None if there is none.

    Parameters
    ----------
    previous_target, next_target : PlacedResult or None
        Results of the task in the same night on the targets before and after its own.
    with_data : PlacedResult or None
        Newest earlier result of the task on the target with raw data.
    """

    earlier: PlacedResult | None = None
    later: PlacedResult | None = None
    previous_target: PlacedResult | None = None
    next_target: PlacedResult | None = None
    with_data: PlacedResult | None = None


def find_neighbours(
    results: TaskResultHistoryRepository, result: TaskResultModel, along: ResultSequence
) -> ResultNeighbours:
    """Return the neighbours of a result in a sequence; none for a result that never started."""
    if result.start_at is None:
        return ResultNeighbours()
    earlier = _list_beside(results, result, along, later=False)
    later = _list_beside(results, result, along, later=True)
    of_task = (
        earlier
        if along is ResultSequence.TASK
        else _list_beside(results, result, ResultSequence.TASK, later=False)
    )
    previous_target, next_target = _find_targets(results, result, result.start_at)
    return ResultNeighbours(
        next(iter(earlier), None),
        next(iter(later), None),
        previous_target,
        next_target,
        next((one for one in of_task if one.raw_data_path and one.task_id != result.refit_of), None),
    )


def _list_beside(
    results: TaskResultHistoryRepository, result: TaskResultModel, along: ResultSequence, *, later: bool
) -> list[PlacedResult]:
    """Return the nearest measurements before or after a result in a sequence, the nearest first."""
    where: dict[str, Any] = {"project_id": result.project_id, "start_at": Range()}
    if along is ResultSequence.EXECUTION:
        where["execution_id"] = result.execution_id
    else:
        where |= {"chip_id": result.chip_id, "qid": result.qid}
        where |= {"name": result.name} if along is ResultSequence.TASK else {}
    found = results.select_as(
        PlacedResult,
        where,
        order=("start_at" if later else "-start_at",),
        after=(to_stored_form(result.start_at), result.project_id, result.task_id),
        limit=_SEARCHED,
        without=results.list_unread_fields(PlacedResult),
    )
    return [one for one in found if one.refit_of is None]


def _find_targets(
    results: TaskResultHistoryRepository, result: TaskResultModel, at: datetime
) -> tuple[PlacedResult | None, PlacedResult | None]:
    """Return the results of the task in the same night on the targets before and after that of a result.

    Of several on one target, it is that of the same execution, else the nearest in time.
    """
    where = {
        "project_id": result.project_id,
        "chip_id": result.chip_id,
        "name": result.name,
        "start_at": Range(least=at - _NIGHT, most=at + _NIGHT),
    }
    found = results.select_as(
        PlacedResult, where, limit=_MOST_OF_NIGHT, without=results.list_unread_fields(PlacedResult)
    )

    def rank(one: PlacedResult) -> tuple[bool, timedelta]:
        away = _NIGHT if one.start_at is None else abs(one.start_at - at)
        return one.execution_id != result.execution_id, away

    nearest: dict[str, PlacedResult] = {}
    for one in sorted((one for one in found if one.refit_of is None and one.qid != result.qid), key=rank):
        nearest.setdefault(one.qid, one)
    place = by_number(result.qid)
    ordered = sorted(nearest.values(), key=lambda one: by_number(one.qid))
    return (
        next((one for one in reversed(ordered) if by_number(one.qid) < place), None),
        next((one for one in ordered if by_number(one.qid) > place), None),
    )
