"""Newest usable values of recorded results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.result_queries import iter_results_of_task
from qdash_core.models.chip import CouplingModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.values.accepted_values import fits_direction, get_measured_time
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel, QubitModel
    from qdash_core.models.task import RecordedValues


class NewestValues(UsableResults):
    """Newest usable values of the targets of a chip, or the first ones of a cool-down."""

    def find_newest(
        self, target: QubitModel | CouplingModel, names: Iterable[str]
    ) -> dict[str, ParameterModel]:
        """Return the value of the newest usable result for each of these parameters that has one."""
        wanted = {*names}
        pages = self.repositories.of(TaskResultHistoryRepository).iter_by_target(
            self.header.project_id, self.header.chip_id, target.qid
        )
        found = self._select_newest(pages, target, wanted)
        return {name: one.output_parameters[name] for name, one in found.items() if name in wanted}

    def find_in_cooldown(
        self,
        target: QubitModel | CouplingModel,
        tasks: Mapping[str, Collection[str] | None],
        cooldown_id: str,
        *,
        first: bool = False,
    ) -> dict[str, ParameterModel]:
        """Return the value of the newest usable result in a cool-down for each parameter that has one.

        Parameters
        ----------
        tasks : mapping of str to collection of str or None
            The outputs of each task that may have measured the target, or None if unknown: then all its results are read.
        first : bool
            True for the first result, as it was analysed first.
        """
        header = self.header
        found: dict[str, RecordedValues] = {}
        for task, outputs in tasks.items():
            pages = iter_results_of_task(
                self.repositories.of(TaskResultHistoryRepository),
                header.project_id,
                header.chip_id,
                target.qid,
                task,
                cooldown_id=cooldown_id,
                since=header.installed_at,
                oldest_first=first,
            )
            select = self._select_first if first else self._select_newest
            for name, result in select(pages, target, outputs).items():
                if name not in found or _is_newer(result, found[name], name) is not first:
                    found[name] = result
        return {name: one.output_parameters[name] for name, one in found.items()}

    def _iter_usable(
        self, page: Iterable[RecordedValues], target: QubitModel | CouplingModel
    ) -> Iterator[tuple[RecordedValues, str]]:
        """Yield the results with each parameter for which they are accepted and have the direction of the target."""
        control = get_control_qubit(target) if isinstance(target, CouplingModel) else None
        for result in page:
            for name in result.output_parameters:
                if self.accepts(result, name) and fits_direction(result.control, control, name):
                    yield result, name

    def _select_first(
        self,
        pages: Iterable[Sequence[RecordedValues]],
        target: QubitModel | CouplingModel,
        wanted: Collection[str] | None,
    ) -> dict[str, RecordedValues]:
        """Return the first usable result of each parameter, from pages in the order of time."""
        found: dict[str, RecordedValues] = {}
        for page in pages:
            for result, name in self._iter_usable(page, target):
                found.setdefault(name, result)
            if wanted is not None and found.keys() >= {*wanted}:
                break
        return found

    def _select_newest(
        self,
        pages: Iterable[Sequence[RecordedValues]],
        target: QubitModel | CouplingModel,
        wanted: Collection[str] | None,
    ) -> dict[str, RecordedValues]:
        """Return the newest usable result of each parameter; stop when the wanted ones are found."""
        found: dict[str, RecordedValues] = {}
        for page in pages:
            for result, name in self._iter_usable(page, target):
                known = found.get(name)
                if known is None or _is_newer(result, known, name):
                    found[name] = result
            # A result that started earlier was measured earlier; only refits are older than their start.
            oldest = page[-1].start_at if page else None
            if oldest is None or oldest < self.header.installed_at:
                break
            if wanted is not None and all(
                name in found and oldest < (get_measured_time(found[name], name) or oldest) for name in wanted
            ):
                break
        return found


def _is_newer(result: RecordedValues, known: RecordedValues, name: str) -> bool:
    """Return whether a result was measured later, or analysed again later; `known` started later."""
    measured, before = get_measured_time(result, name), get_measured_time(known, name)
    return measured is not None and before is not None and measured > before
