"""History of a metric on a target, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.pages import Page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.metrics.selection import Period
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import ResultValues
    from qdash_core.repositories.repositories import Repositories

_LOOKED_THROUGH = 10
"""Maximum number of result pages that are read for one page of values."""


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A value with the task result that yielded it."""

    result: ResultValues
    parameter: ParameterModel


def get_history_page(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target: str,
    metric: str,
    *,
    period: Period,
    request: PageRequest,
) -> Page[HistoryPoint]:
    """Return a page of all recorded values of a metric on a target, with any verdict, newest first.

    A page may be incomplete although more pages follow.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot.
    project_id, chip_id, target, metric : str
        The metric on a target.
    period : Period
        Period of the start times.
    request : PageRequest
        The requested page.

    Raises
    ------
    NotFoundError
        If there is no such chip, target or cool-down.
    """
    since = _get_search_start(repositories, project_id, chip_id, target, period)
    tasks = _list_measuring_tasks(repositories, project_id, chip_id, target, metric)
    if not tasks:
        return Page([])
    found: list[HistoryPoint] = []
    page: Page[HistoryPoint] = Page([])
    for _ in range(_LOOKED_THROUGH):
        results = repositories.results.get_values_page(
            project_id,
            chip_id,
            tasks,
            target,
            request,
            cooldown_id=period.cooldown_id,
            since=since,
            until=period.until,
        )
        found += [
            HistoryPoint(result, parameter)
            for result in results.items
            if (parameter := result.output_parameters.get(metric)) is not None
        ]
        page = Page(found, results.next)
        if results.next is None or len(found) * 2 > request.limit:
            break
        request = type(request)(request.limit - len(found), results.next)
    return page


def _get_search_start(
    repositories: Repositories, project_id: str, chip_id: str, target: str, period: Period
) -> datetime:
    """Return the start of the search; earlier results belong to a former chip with the same id."""
    header = repositories.chips.require(project_id, chip_id)
    kept = repositories.couplings if "-" in target else repositories.qubits
    if kept.find(project_id, chip_id, target) is None:
        kind = "coupling" if "-" in target else "qubit"
        raise NotFoundError(
            f"chip {chip_id} has no {kind} {target}; `qdash chip show {chip_id}` has what there is"
        )
    if period.cooldown_id is not None:
        repositories.cooldowns.require(project_id, period.cooldown_id)
    return max(header.installed_at, period.since or header.installed_at)


def _list_measuring_tasks(
    repositories: Repositories, project_id: str, chip_id: str, target: str, metric: str
) -> Sequence[str]:
    """Return the tasks that ran on a target and measure a metric, including tasks with unknown outputs."""
    ran = [latest.name for latest in repositories.latest_results.list_by_target(project_id, chip_id, target)]
    definitions = repositories.tasks.list_by_project(project_id)
    known = {one.name for one in definitions}
    makers = {one.name for one in definitions if metric in one.output_parameters}
    return [name for name in ran if name in makers or name not in known]
