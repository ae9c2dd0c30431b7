"""Withdrawn values: those of results that were rejected, and of executions whose values are not the chip's any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.change_queries import list_decision_changes
from qdash_core.models.value_change import ScopeStatus
from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.chip import ChipModel, ParameterModel
    from qdash_core.models.value_change import ValueChangeModel, ValueScopeModel
    from qdash_core.repositories.repositories import Repositories


class Withdrawals:
    """Withdrawals on a chip since a time.

    Parameters
    ----------
    decisions : iterable of ValueChangeModel
        Changes of decisions on the chip since the looked-up values were in use, oldest first.
    """

    def __init__(self, scopes: Iterable[ValueScopeModel], decisions: Iterable[ValueChangeModel]) -> None:
        self._rejections: dict[tuple[str, str], int] = {}
        for part in decisions:
            for name, change in part.decisions.items():
                decided = part.task_id, name
                self._rejections.pop(decided, None)
                if change.after is not None and change.after.verdict == "rejected":
                    self._rejections[decided] = part.number
        self._scopes = {
            execution_id: scope.name
            for scope in scopes
            if scope.status is not ScopeStatus.COMMITTED
            for execution_id in scope.executions
        }

    @classmethod
    def read(
        cls,
        repositories: Repositories,
        header: ChipModel,
        *,
        moment: datetime | None = None,
        number: int | None = None,
    ) -> Withdrawals:
        """Return the withdrawals on a chip after a time, or after the event with a number."""
        where = header.project_id, header.chip_id
        return cls(
            repositories.of(ValueScopeRepository).list_by_chip(*where),
            list_decision_changes(
                repositories.of(ValueChangeRepository), *where, moment=moment, number=number
            ),
        )

    def find_reason(self, name: str, value: ParameterModel) -> str | None:
        """Return the reason why a former value of a parameter may not be the chip's again, or None if it may."""
        rejection = self._rejections.get((value.task_id, name))
        if rejection is not None:
            return f"its result was rejected by event {rejection}"
        scope = self._scopes.get(value.execution_id)
        return None if scope is None else f"it belongs to value scope {scope}, which is not committed"
