"""Rule that decides which recorded values may become those of the chip."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.value_changes import ValueScopeRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.models.chip import ChipModel, ParameterModel
    from qdash_core.models.task import RecordedValues, TaskResultModel
    from qdash_core.repositories.repositories import Repositories


class UsableResults:
    """Rule that decides which accepted values of results may become values of the chip.

    Trials are excluded unless a user accepted them, simulated results unless their execution was adopted, and results
    of a value scope unless it was committed. Results from before the creation of the chip belong to a former one.
    `assumed` has parameters by result that count as accepted, for a preview of a decision.
    """

    def __init__(
        self,
        repositories: Repositories,
        header: ChipModel,
        *,
        assumed: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self.repositories = repositories
        self.header = header
        self._assumed = assumed
        self._adopted: dict[str, bool] = {}
        self._committed: dict[str, bool] = {}

    def accepts(self, result: RecordedValues | TaskResultModel, name: str) -> bool:
        """Return whether the value of a parameter may become the chip's."""
        is_accepted = name in self._assumed.get(result.task_id, ()) or result.accepts(name)
        return name in result.output_parameters and is_accepted and self.counts(result, name)

    def counts(self, result: RecordedValues | TaskResultModel, name: str) -> bool:
        """Return whether the outcome of a result for a parameter counts for the chip, be it a value or a failure."""
        if result.start_at is None or result.start_at < self.header.installed_at:
            return False
        if result.simulated and not self.is_adopted(result.execution_id):
            return False
        if result.scope is not None and not self._is_committed(result.scope):
            return False
        return result.saved or result.simulated or result.scope is not None or name in result.decisions

    def is_adopted(self, execution_id: str) -> bool:
        """Return whether the values of a simulated execution were adopted by the chip."""
        if execution_id not in self._adopted:
            found = self.repositories.of(ExecutionRepository).find(self.header.project_id, execution_id)
            self._adopted[execution_id] = found is not None and found.adopted is not None
        return self._adopted[execution_id]

    def is_unadopted(self, value: ParameterModel) -> bool:
        """Return whether a value is that of a simulated execution that the chip has not adopted."""
        return bool(value.simulated) and not self.is_adopted(value.execution_id)

    def _is_committed(self, scope: str) -> bool:
        if scope not in self._committed:
            found = self.repositories.of(ValueScopeRepository).find(
                self.header.project_id, self.header.chip_id, scope
            )
            self._committed[scope] = found is not None and found.status == "committed"
        return self._committed[scope]
