"""The way of one value of a target: what every result gave for it, newest first."""

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
"""So many pages of results are looked through for one page of values."""


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A value, and the result that gave it."""

    result: ResultValues
    parameter: ParameterModel


def history(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target: str,
    metric: str,
    *,
    period: Period,
    request: PageRequest,
) -> Page[HistoryPoint]:
    """Return a page of what results gave for a metric of a target, whatever validation made of it, newest first.

    A page may hold fewer than asked for although there are more behind it.

    Parameters
    ----------
    repositories : Repositories
        Of a snapshot.
    project_id, chip_id, target, metric : str
        Of what.
    period : Period
        When the results were begun.
    request : PageRequest
        Which page.

    Raises
    ------
    NotFoundError
        If there is no such chip, target or cool-down.
    """
    since = _begin(repositories, project_id, chip_id, target, period)
    tasks = _makers(repositories, project_id, chip_id, target, metric)
    if not tasks:
        return Page([])
    found: list[HistoryPoint] = []
    page: Page[HistoryPoint] = Page([])
    for _ in range(_LOOKED_THROUGH):
        results = repositories.results.recorded_of_target(
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


def _begin(
    repositories: Repositories, project_id: str, chip_id: str, target: str, period: Period
) -> datetime:
    """Return since when results are of this chip: one of the same name may have been there before."""
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


def _makers(
    repositories: Repositories, project_id: str, chip_id: str, target: str, metric: str
) -> Sequence[str]:
    """Return the tasks that ran on a target and make a metric, as far as is known what they make."""
    ran = [latest.name for latest in repositories.latest_results.of_target(project_id, chip_id, target)]
    definitions = repositories.tasks.of_project(project_id)
    known = {one.name for one in definitions}
    makers = {one.name for one in definitions if metric in one.output_parameters}
    return [name for name in ran if name in makers or name not in known]
