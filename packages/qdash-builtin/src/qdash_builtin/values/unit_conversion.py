"""Conversion of stored values to the units in which their quantities are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.reversion import RevertedValue, list_changed_values
from qdash_core.models.estimates import Parameter
from qdash_core.models.units import are_alike, complete_unit, convert_parameter
from qdash_core.values.writer import TargetEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.values.writer import ValueEvent


@dataclass(frozen=True, slots=True)
class UnitConversion:
    """Values in other units than their quantities are declared in.

    Parameters
    ----------
    values : sequence of RevertedValue
        Values that are converted, in order of target and name.
    kept : sequence of RevertedValue
        Values that stay because their unit is of another dimension (`before` and `after` are equal).
    event : ValueEvent or None
        None for a preview, or if nothing changes.
    """

    values: Sequence[RevertedValue]
    kept: Sequence[RevertedValue] = ()
    event: ValueEvent | None = None

    def list_edits(self) -> list[TargetEdit]:
        """Return the changes, one for each target."""
        by_target: dict[str, dict[str, RevertedValue]] = {}
        for one in self.values:
            by_target.setdefault(one.qid, {})[one.name] = one
        return [
            TargetEdit(qid, {name: one.after for name, one in values.items()})
            for qid, values in by_target.items()
        ]


def describe_conversion(event: ValueEvent) -> UnitConversion:
    """Return the conversion of a recorded event; values that stayed are not recorded."""
    return UnitConversion(list_changed_values(event), event=event)


def plan_conversion(
    targets: Iterable[QubitModel | CouplingModel], units: Mapping[str, str]
) -> UnitConversion:
    """Return the conversion of the values of targets to the units of quantities."""
    values: list[RevertedValue] = []
    kept: list[RevertedValue] = []
    for target in targets:
        for name, known in sorted(target.data.items()):
            declared = units.get(name)
            if declared is None or complete_unit(known.unit, declared) == declared:
                continue
            if not are_alike(known.unit, declared):
                kept.append(RevertedValue(target.qid, name, known, known))
                continue
            estimate = convert_parameter(name, Parameter(known.value, known.error, known.unit), declared)
            values.append(RevertedValue(target.qid, name, known, known.with_estimate(estimate)))
    return UnitConversion(values, kept)
