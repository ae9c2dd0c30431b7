"""Newest accepted result of a parameter."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.models.chip import CouplingModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueScopeRepository
from qdash_core.values.accepted_values import fits_direction, get_measured_time

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
    from qdash_core.models.task import RecordedValues, TaskResultModel
    from qdash_core.repositories.repositories import Repositories


class UsableResults:
    """Rule that decides which accepted values of results may become values of the chip.

    Trials are excluded unless a user accepted them, simulated results unless their execution was adopted, and results of a
    value scope unless it was committed.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot or transaction.
    header : ChipModel
        The chip. Results from before its creation belong to a former chip.
    assumed : mapping of str to collection of str
        Parameters by result that count as accepted, for a preview of a decision.
    """

    def __init__(
        self,
        repositories: Repositories,
        header: ChipModel,
        *,
        assumed: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._repositories = repositories
        self._header = header
        self._assumed = assumed
        self._adopted: dict[str, bool] = {}
        self._committed: dict[str, bool] = {}

    def accepts(self, result: RecordedValues | TaskResultModel, name: str) -> bool:
        """Return whether the value of a parameter may become the chip's."""
        is_accepted = name in self._assumed.get(result.task_id, ()) or result.accepts(name)
        return name in result.output_parameters and is_accepted and self.counts(result, name)

    def counts(self, result: RecordedValues | TaskResultModel, name: str) -> bool:
        """Return whether the outcome of a result for a parameter counts for the chip, be it a value or a failure."""
        if result.start_at is None or result.start_at < self._header.installed_at:
            return False
        if result.simulated and not self.is_adopted(result.execution_id):
            return False
        if result.scope is not None and not self._is_committed(result.scope):
            return False
        return result.saved or result.simulated or result.scope is not None or name in result.decisions

    def is_adopted(self, execution_id: str) -> bool:
        """Return whether the values of a simulated execution were adopted by the chip."""
        if execution_id not in self._adopted:
            found = self._repositories.of(ExecutionRepository).find(self._header.project_id, execution_id)
            self._adopted[execution_id] = found is not None and found.adopted is not None
        return self._adopted[execution_id]

    def is_unadopted(self, value: ParameterModel) -> bool:
        """Return whether a value is that of a simulated execution that the chip has not adopted."""
        return bool(value.simulated) and not self.is_adopted(value.execution_id)

    def _is_committed(self, scope: str) -> bool:
        if scope not in self._committed:
            found = self._repositories.of(ValueScopeRepository).find(
                self._header.project_id, self._header.chip_id, scope
            )
            self._committed[scope] = found is not None and found.status == "committed"
        return self._committed[scope]

    def find_newest(
        self, target: QubitModel | CouplingModel, names: Iterable[str]
    ) -> dict[str, ParameterModel]:
        """Return the value of the newest usable result for each of these parameters that has one."""
        wanted = {*names}
        pages = self._repositories.of(TaskResultHistoryRepository).iter_by_target(
            self._header.project_id, self._header.chip_id, target.qid
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
        """Return the value of the newest usable result in a cool-down for each parameter that has one, or that of the first one.

        Parameters
        ----------
        target : QubitModel or CouplingModel
            The target.
        tasks : mapping of str to collection of str or None
            The outputs of each task that may have measured the target, or None if unknown: then all its results are read.
        cooldown_id : str
            The cool-down.
        first : bool
            True for the first result, as it was analysed first.
        """
        header = self._header
        found: dict[str, RecordedValues] = {}
        for task, outputs in tasks.items():
            pages = self._repositories.of(TaskResultHistoryRepository).iter_of_task(
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
            if oldest is None or oldest < self._header.installed_at:
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
