"""Values of a chip at former times, changes of them by users, and shared resources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.shared_resources import list_resources
from qdash_builtin.explanations.considered_results import get_measured_at
from qdash_builtin.values.change_queries import iter_newest, list_changes_by_hand
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.values.resources import Resource
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Store

_MOST_CHANGES = 3000
"""Largest number of changes of values that are read back to the time of a result. Before them, the values are unknown."""
_BY_USER_SINCE = timedelta(days=7)
_BY_USER = (ValueEventKind.SET, ValueEventKind.USED, ValueEventKind.REVERTED, ValueEventKind.UNDONE)
"""Changes by users that may be wrong. Imported values are those of a new chip or of another program."""


@dataclass
class ChipRecords:
    """Values of a chip at former times, changes by users and shared resources, each read on first use."""

    store: Store
    project_id: str
    chip: Chip
    design: Design
    since: datetime | None
    targets: Collection[str]

    @cached_property
    def resources(self) -> dict[Resource, frozenset[str]]:
        return list_resources(self.chip)

    @cached_property
    def _changes(self) -> dict[str, list[ValueChangeModel]]:
        """Changes of values since the oldest result, by target, newest first."""
        found: dict[str, list[ValueChangeModel]] = {}
        if self.since is None:
            return found
        with self.store.read() as snapshot:
            changes = iter_newest(
                Repositories(snapshot).of(ValueChangeRepository),
                self.project_id,
                self.chip.header.chip_id,
                targets=sorted(self.targets),
                since=self.since,
            )
            for one in islice(changes, _MOST_CHANGES):
                found.setdefault(one.qid, []).append(one)
        return found

    @cached_property
    def _has_every_change(self) -> bool:
        return sum(map(len, self._changes.values())) < _MOST_CHANGES

    @cached_property
    def _by_user(self) -> list[ValueChangeModel]:
        if self.since is None:
            return []
        with self.store.read() as snapshot:
            changes = list_changes_by_hand(
                Repositories(snapshot).of(ValueChangeRepository),
                self.project_id,
                self.chip.header.chip_id,
                self.since - _BY_USER_SINCE,
            )
        return [one for one in reversed(changes) if one.kind in _BY_USER]

    def get_values(self, target: str, moment: datetime) -> Mapping[str, ParameterModel]:
        """Return the accepted values of a target just before a time; empty if they are unknown."""
        model = self.chip.qubits.get(target) or self.chip.couplings.get(target)
        if model is None or not self._has_every_change:
            return {}
        values: dict[str, ParameterModel | None] = dict(model.data)
        for change in self._changes.get(target, ()):
            if change.created_at < moment:
                break
            values |= {name: one.before for name, one in change.values.items()}
        return {name: one for name, one in values.items() if one is not None}

    def list_others(self, result: TaskResultModel) -> Mapping[str, Sequence[float]]:
        """Return the present values of the other targets of a kind, for the outputs of a result."""
        values = self._coupling_values if "-" in result.qid else self._qubit_values
        return {
            name: [value for qid, value in values.get(name, {}).items() if qid != result.qid]
            for name in result.output_parameters
        }

    @cached_property
    def _qubit_values(self) -> dict[str, dict[str, float]]:
        return _list_values(self.chip.qubits)

    @cached_property
    def _coupling_values(self) -> dict[str, dict[str, float]]:
        return _list_values(self.chip.couplings)

    def list_changes_by_user(self, result: TaskResultModel) -> list[ValueChangeModel]:
        """Return the changes of the inputs of a result by users in the week before its measurement, newest first."""
        measured_at = get_measured_at(result)
        if measured_at is None:
            return []
        places = {(one.target, one.parameter) for one in result.input_parameters.values()}
        return [
            one
            for one in self._by_user
            if measured_at - _BY_USER_SINCE <= one.created_at < measured_at
            and any((one.qid, name) in places for name in one.values)
        ]


def _list_values(targets: Mapping[str, QubitModel | CouplingModel]) -> dict[str, dict[str, float]]:
    """Return the values of targets by name and target."""
    found: dict[str, dict[str, float]] = {}
    for qid, model in targets.items():
        for name, one in model.data.items():
            found.setdefault(name, {})[qid] = float(one.value)
    return found
