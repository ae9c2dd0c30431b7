"""Construction of review items from the store."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from qdash_builtin.metrics.history import HistoryPoints
from qdash_builtin.metrics.result_queries import list_briefs, select_measuring_tasks
from qdash_builtin.review.item import ReviewedValue, ReviewItem
from qdash_builtin.review.latest_results import list_latest_results
from qdash_builtin.runs.listed_results import list_listed_results
from qdash_builtin.values.acceptance import preview_acceptance
from qdash_builtin.values.flagged_results import TargetsById, find_state, is_of_chip, list_undecided
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import CouplingModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)
from qdash_core.values.accepted_values import fits_direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.history import HistoryPoint
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.chip import ChipModel, QubitModel
    from qdash_core.models.task import LatestResultModel, TaskModel, TaskResultModel
    from qdash_core.repositories.repositories import Repositories

_HISTORY = 10
"""Number of recorded values beside a flagged one."""
_HISTORY_READ = 2 * _HISTORY
"""Number of results that are read for them; trials, simulated values and values in scopes are left out."""

_RELATED = 6
"""Largest number of failed and flagged results of a target that are shown beside one of them."""


class ReviewItemMaker:
    """Maker of review items, which reads common data of several flagged results of a chip once.

    Results whose target the chip no longer has are left out.
    """

    def __init__(
        self, repositories: Repositories, header: ChipModel, results: Sequence[TaskResultModel]
    ) -> None:
        self._repositories = repositories
        self._header = header
        self._targets = TargetsById.read(repositories, header, (one.qid for one in results))
        self._results = [one for one in results if self._targets.find(one.qid) is not None]
        self._latest = list_latest_results(
            repositories.of(LatestResultRepository),
            header.project_id,
            header.chip_id,
            dict.fromkeys(one.qid for one in self._results),
        )
        self._briefs: dict[tuple[str, ...], list[list[Any]]] = {}
        troubles = {one for latest in self._latest.values() for one in _list_troubles(latest)}
        self._related = {
            one.task_id: one
            for one in list_listed_results(
                repositories.of(TaskResultHistoryRepository), header.project_id, troubles
            )
        }

    def make_items(self) -> list[ReviewItem]:
        """Return the items of the results, in their order."""
        return [self._make(one) for one in self._results]

    @cached_property
    def _definitions(self) -> list[TaskModel]:
        return self._repositories.of(TaskRepository).list_by_project(self._header.project_id)

    def _make(self, result: TaskResultModel) -> ReviewItem:
        target = self._targets.find(result.qid)
        assert target is not None
        names, latest = list_undecided(result), self._latest[result.qid]
        preview = preview_acceptance(self._repositories, self._header, result, target, names)
        is_last = any(one.flagged_task_id == result.task_id for one in latest)
        return ReviewItem(
            result=result,
            state=find_state(result, self._targets, is_last=is_last),
            values=[
                ReviewedValue(
                    name=name,
                    value=result.output_parameters[name],
                    in_use=target.data.get(name),
                    is_independent=result.refit_of is None
                    or name not in target.data
                    or target.data[name].task_id != result.refit_of,
                    accepted=preview.values.get(name),
                    is_kept=name in preview.kept,
                    history=self._list_history(target, name),
                )
                for name in names
            ],
            refusal=preview.refusal,
            related=self._list_related(result, latest),
        )

    def _list_history(self, target: QubitModel | CouplingModel, name: str) -> list[HistoryPoint]:
        """Return the last recorded values of a parameter that count for the chip and its direction, newest first."""
        ran = [one.name for one in self._latest[target.qid]]
        found = self._list_briefs(target.qid, select_measuring_tasks(ran, self._definitions, name))
        used = target.data.get(name)
        points = HistoryPoints.select(found, name, "" if used is None else used.task_id)
        control = get_control_qubit(target) if isinstance(target, CouplingModel) else None
        return [
            one for one in points if not one.remark and fits_direction(one.result.control, control, name)
        ][:_HISTORY]

    def _list_briefs(self, qid: str, tasks: Sequence[str]) -> list[list[Any]]:
        """Return the last results of these tasks on a target; values of one task share them."""
        key = (qid, *tasks)
        if key not in self._briefs:
            self._briefs[key] = list_briefs(
                self._repositories.of(TaskResultHistoryRepository),
                self._header.project_id,
                self._header.chip_id,
                tasks,
                qid,
                since=self._header.installed_at,
                limit=_HISTORY_READ,
            )
        return self._briefs[key]

    def _list_related(
        self, result: TaskResultModel, latest: Sequence[LatestResultModel]
    ) -> list[ListedResult]:
        wanted = [task_id for task_id in _list_troubles(latest) if task_id != result.task_id]
        return [one for task_id, one in self._related.items() if task_id in wanted]


def require_reviewable(result: TaskResultModel, header: ChipModel) -> None:
    """Raise InvalidInputError if a result was not flagged or could not become a value of the chip."""
    named = f"result {result.task_id} ({result.name} on {result.qid or 'the chip'})"
    if result.status is not TaskStatus.COMPLETED or result.verdict is not Verdict.FLAGGED:
        raise InvalidInputError(f"{named} is {result.outcome}: only flagged results are reviewed")
    if result.task_type not in ("qubit", "coupling"):
        raise InvalidInputError(f"{named} has no values of a qubit or coupling: there is nothing to decide")
    if not result.saved:
        kind = "simulated" if result.simulated else f"in scope {result.scope}" if result.scope else "a trial"
        raise InvalidInputError(f"{named} is {kind}: its values do not become the chip's")
    if not is_of_chip(result, header):
        raise InvalidInputError(f"{named} belongs to a former chip with the id {header.chip_id}")


def _list_troubles(latest: Sequence[LatestResultModel]) -> list[str]:
    """Return the ids of the newest failed or flagged results on a target, last ended first."""
    found = [one for one in latest if one.status is TaskStatus.FAILED or one.flagged_task_id == one.task_id]
    return [one.task_id for one in sorted(found, key=lambda one: one.end_at, reverse=True)[:_RELATED]]
