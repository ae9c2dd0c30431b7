"""History of the accepted values of a chip, for their usual scatter."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.samples import make_sample
from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
from qdash_builtin.values.measured_values import list_accepted_values, list_measured_values
from qdash_core.repositories.chips import WITHOUT_DIRECTION, ChipRepository
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from qdash_builtin.metrics.judgement.samples import Sample
    from qdash_builtin.values.measured_values import MeasuredValues
    from qdash_core.repositories.repositories import Repositories

_MOST_RESULTS = 20_000
"""Results in the history, at most: older values tell little about today's scatter."""

_Kind = tuple[str, str | None]
"""Unit, and control qubit where the direction of a coupling counts."""


def read_usual_scatter(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    *,
    until: datetime | None = None,
    restore: Callable[[MeasuredValues], MeasuredValues] | None = None,
) -> UsualScatter:
    """Return the usual scatter of the values of a chip from the newest results that were started before a time, or
    before now.

    Results of a former chip with the same id, trials, simulated results and those of value scopes do not count.
    `restore` returns a result with the decisions of that time; None for those of now.
    """
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    results = list_measured_values(
        repositories.of(TaskResultHistoryRepository),
        project_id,
        chip_id,
        since=header.installed_at,
        until=until,
        limit=_MOST_RESULTS,
    )
    history, units = _collect(results if restore is None else map(restore, results))
    jumps = {
        name: float(declared["jump"])
        for definition in repositories.of(TaskRepository).list_by_project(project_id)
        for name, declared in definition.output_parameters.items()
        if isinstance(declared, dict) and declared.get("jump")
    }
    return UsualScatter(history, units=units, jumps=jumps)


def _collect(results: Iterable[MeasuredValues]) -> tuple[dict[tuple[str, str], list[Sample]], dict[str, str]]:
    """Return the accepted values that have the unit and the direction of the newest one, in the order of time, and the units."""
    known: dict[tuple[str, str], list[tuple[Sample, _Kind]]] = defaultdict(list)
    for place, kind, sample in _iter_accepted(results):
        known[place].append((sample, kind))
    history: dict[tuple[str, str], list[Sample]] = {}
    units: dict[str, str] = {}
    for place, found in known.items():
        found.sort(key=lambda one: one[0].at_s)
        newest = found[-1][1]
        units[place[1]] = newest[0]
        history[place] = [sample for sample, kind in found if kind == newest]
    return history, units


def _iter_accepted(results: Iterable[MeasuredValues]) -> Iterator[tuple[tuple[str, str], _Kind, Sample]]:
    for result in results:
        for name, value in list_accepted_values(result):
            if (sample := make_sample(value, result["name"])) is not None:
                control = None if name in WITHOUT_DIRECTION else result.get("control")
                yield (result["qid"], name), (value.get("unit") or "", control), sample
