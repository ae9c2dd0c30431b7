"""History of the accepted values of a chip, for their usual scatter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.metrics.judgement.samples import make_sample
from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
from qdash_builtin.values.measured_values import MeasuredValues, list_accepted_values, list_measured_values
from qdash_core.repositories.chips import WITHOUT_DIRECTION, ChipRepository
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.judgement.samples import Sample
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories

_MOST_RESULTS = 20_000
"""Results in the history, at most: older values tell little about today's scatter."""


class _Accepted(NamedTuple):
    """An accepted value with its target and parameter, and with its unit and the control qubit where the direction of a coupling counts."""

    place: tuple[str, str]
    kind: tuple[str, str | None]
    sample: Sample


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
    return read_value_history(repositories, header, until=until, restore=restore).make_scatter()


def read_value_history(
    repositories: Repositories,
    header: ChipModel,
    *,
    until: datetime | None = None,
    restore: Callable[[MeasuredValues], MeasuredValues] | None = None,
) -> ValueHistory:
    """Return the history of the values of a chip; parameters as `read_usual_scatter`."""
    results = list_measured_values(
        repositories.of(TaskResultHistoryRepository),
        header.project_id,
        header.chip_id,
        since=header.installed_at,
        until=until,
        limit=_MOST_RESULTS,
    )
    jumps = {
        name: float(declared["jump"])
        for definition in repositories.of(TaskRepository).list_by_project(header.project_id)
        for name, declared in definition.output_parameters.items()
        if isinstance(declared, dict) and declared.get("jump")
    }
    return ValueHistory.collect(results if restore is None else map(restore, results), jumps)


def list_results(
    repositories: Repositories, project_id: str, task_ids: Collection[str]
) -> list[MeasuredValues]:
    """Return the existing results among these ids."""
    results = repositories.of(TaskResultHistoryRepository)
    return results.select_by_ids(
        MeasuredValues, project_id, task_ids, without=results.list_unread_fields(MeasuredValues)
    )


@dataclass(frozen=True, slots=True)
class ValueHistory:
    """Accepted values of the newest results of a chip.

    Parameters
    ----------
    results : mapping of str to list of _Accepted
        Values by result, in the order of the starts of the results, newest last.
    places : mapping of (str, str) to list of _Accepted
        The same by target and parameter, in the order of time.
    jumps : mapping of str to float
        Jumps that tasks declare.
    """

    results: Mapping[str, list[_Accepted]]
    places: Mapping[tuple[str, str], list[_Accepted]]
    jumps: Mapping[str, float]

    @classmethod
    def collect(cls, results: Iterable[MeasuredValues], jumps: Mapping[str, float]) -> ValueHistory:
        """Return the history of results, newest first."""
        found = [(one["task_id"], [*_iter_accepted(one)]) for one in results]
        places: dict[tuple[str, str], list[_Accepted]] = defaultdict(list)
        for _, values in found:
            for value in values:
                places[value.place].append(value)
        for known in places.values():
            known.sort(key=_get_time)
        return cls(dict(reversed(found)), dict(places), jumps)

    def replace(self, changed: Collection[str], results: Iterable[MeasuredValues]) -> ValueHistory:
        """Return the history with the present state of the results that have changed."""
        kept = {task_id: values for task_id, values in self.results.items() if task_id not in changed}
        new = {one["task_id"]: [*_iter_accepted(one)] for one in results}
        left_out = [*kept][: max(0, len(kept) + len(new) - _MOST_RESULTS)]
        removed = [*(self.results[one] for one in changed & self.results.keys()), *map(kept.pop, left_out)]
        gone = {id(value) for values in removed for value in values}
        added: dict[tuple[str, str], list[_Accepted]] = defaultdict(list)
        for values in new.values():
            for value in values:
                added[value.place].append(value)
        places = dict(self.places)
        for place in {value.place for values in removed for value in values} | added.keys():
            found = [one for one in places.pop(place, ()) if id(one) not in gone] + added.get(place, [])
            if found:
                places[place] = sorted(found, key=_get_time)
        return ValueHistory(kept | new, places, self.jumps)

    def make_scatter(self, former: tuple[ValueHistory, UsualScatter] | None = None) -> UsualScatter:
        """Return the usual scatter of the values that have the unit and the direction of the newest one of their target and parameter.

        What has not changed since a former history is taken from its scatter.
        """
        places, scatter = ({}, None) if former is None else (former[0].places, former[1])
        history: dict[tuple[str, str], Sequence[Sample]] = {}
        units: dict[str, str] = {}
        for place, known in self.places.items():
            newest = known[-1].kind
            units[place[1]] = newest[0]
            if scatter is not None and places.get(place) is known:
                history[place] = scatter.get_history(*place)
            else:
                history[place] = [one.sample for one in known if one.kind == newest]
        return UsualScatter(history, units=units, jumps=self.jumps, former=scatter)


def _get_time(value: _Accepted) -> float:
    return value.sample.at_s


def _iter_accepted(result: MeasuredValues) -> Iterator[_Accepted]:
    for name, value in list_accepted_values(result):
        if (sample := make_sample(value, result["name"])) is not None:
            control = None if name in WITHOUT_DIRECTION else result.get("control")
            yield _Accepted((result["qid"], name), (value.get("unit") or "", control), sample)
