"""Former decisions: those of users on results at an earlier time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.models.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.values.measured_values import MeasuredValues
    from qdash_core.models.task import RecordedValues, TimedAttempt, TracedResult

R = TypeVar("R", "RecordedValues", "TracedResult", "TimedAttempt")


class FormerDecisions:
    """Decisions on the results of a chip at an earlier time, from documents of its value events since, oldest first.

    `execution_ids` are the executions of results whose decisions changed since.
    """

    def __init__(self) -> None:
        self._before: dict[str, dict[str, Any]] = {}
        self.execution_ids: set[str] = set()

    def add(self, document: Mapping[str, Any]) -> None:
        """Add a later event."""
        for name, change in (document.get("decisions") or {}).items():
            self.execution_ids.add(document["execution_id"])
            self._before.setdefault(document["task_id"], {}).setdefault(name, change["before"])

    @property
    def task_ids(self) -> frozenset[str]:
        """The results whose decisions changed since."""
        return frozenset(self._before)

    def restore(self, result: R) -> R:
        """Return a result with the decisions of that time."""
        former = self._before.get(result.task_id)
        if former is None:
            return result
        kept = {name: one for name, one in result.decisions.items() if name not in former}
        back = {name: Decision.model_validate(one) for name, one in former.items() if one is not None}
        return result.model_copy(update={"decisions": kept | back})

    def restore_measured(self, result: MeasuredValues) -> MeasuredValues:
        """Return the compact projection of a result with the decisions of that time."""
        former = self._before.get(result.get("task_id", ""))
        if former is None:
            return result
        decisions = {**result.get("decisions", {}), **former}
        return {**result, "decisions": {name: one for name, one in decisions.items() if one is not None}}
