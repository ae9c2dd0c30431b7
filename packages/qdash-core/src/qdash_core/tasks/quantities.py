"""Quantities: one declaration of each parameter of qubits and couplings, by which values are checked and converted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from qdash_core.chips.design import OF_COUPLINGS, OF_QUBITS
from qdash_core.errors import InvalidInputError
from qdash_core.models.units import are_alike, convert, describe_unit, normalize_unit
from qdash_core.values.plausible_changes import find_plausible_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.chip import Line
    from qdash_core.tasks.base import BaseTask

_KINDS = frozenset({"qubit", "coupling"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """Declaration of a parameter.

    For its bounds, `convention`, plausible change (`jump`, `ideal`, `negligible`) and line see `OutputParameter`;
    `jump` is None if no task declares one. `kinds` are the kinds of targets that have it, `qubit` or `coupling`;
    empty if unknown. `declared_by` is the task and plugin that declare it, for messages.
    """

    unit: str
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    convention: str = ""
    jump: float | None = None
    ideal: float | None = None
    negligible: float = 0.0
    line: Line | None = None
    kinds: frozenset[str] = frozenset()
    declared_by: str = field(default="", compare=False)


class QuantityTable:
    """Quantities by name, from declarations in order of precedence.

    The unit is that of the first task that makes a quantity, else of the design, else of the first task that reads it in a unit. Bounds, and
    the plausible change, are those of the first task that declares some.
    """

    def __init__(self) -> None:
        self._made: dict[str, Quantity] = {}
        self._designed = dict(_iter_design())
        self._read: dict[str, Quantity] = {}
        self._read_without_unit: dict[str, Quantity] = {}

    def add(self, task: type[BaseTask], owner: str = "") -> None:
        """Add the quantities of a task; messages name its plugin, `owner`.

        Raises
        ------
        InvalidInputError
            If it declares one in a unit of another kind, or by another convention; the message names both declarers. What the
            task declares before that stays added.
        """
        by = f"{task.name} of {owner}" if owner else task.name
        for table, name, one in self._list_declared(task, by):
            if table is not self._read_without_unit:  # which is read in the unit of the value
                self._require_agreement(name, one)
            table[name] = _combine(table.get(name), one)

    def copy(self) -> QuantityTable:
        """Return a table with the same quantities, to which others are added."""
        other = QuantityTable()
        other._made, other._read = dict(self._made), dict(self._read)
        other._read_without_unit = dict(self._read_without_unit)
        return other

    def _list_declared(
        self, task: type[BaseTask], by: str
    ) -> Iterator[tuple[dict[str, Quantity], str, Quantity]]:
        """Yield the quantities that a task makes and reads, each with its table and its name."""
        kinds = _KINDS & {task.task_type}
        for name, made in task.output_parameters.items():
            yield (
                self._made,
                name,
                Quantity(
                    normalize_unit(made.unit),
                    made.description,
                    made.minimum,
                    made.maximum,
                    made.positive,
                    made.convention,
                    made.jump,
                    made.ideal,
                    made.negligible,
                    made.line,
                    kinds,
                    by,
                ),
            )
        for given, read in task.input_parameters.items():
            kind = "coupling" if task.task_type == "coupling" and read.role == "coupling" else "qubit"
            one = Quantity(
                normalize_unit(read.unit), read.description, kinds=frozenset({kind}), declared_by=by
            )
            yield (self._read if read.unit else self._read_without_unit), read.source or given, one

    def _require_agreement(self, name: str, one: Quantity) -> None:
        for known in (self._made.get(name), self._designed.get(name), self._read.get(name)):
            if known is None:
                continue
            if not are_alike(known.unit, one.unit):
                raise InvalidInputError(
                    f"{name} is declared in {describe_unit(one.unit)} by {one.declared_by}, and in {describe_unit(known.unit)} by "
                    f"{known.declared_by}"
                )
            if known.convention and one.convention and known.convention != one.convention:
                raise InvalidInputError(
                    f"{name} is declared as {one.convention} by {one.declared_by}, and as {known.convention} by {known.declared_by}"
                )

    def collect(self) -> dict[str, Quantity]:
        """Return the quantities by name."""
        found: dict[str, Quantity] = {}
        for table in (self._made, self._designed, self._read, self._read_without_unit):
            for name, one in table.items():
                known = found.get(name)
                found[name] = one if known is None else replace(known, kinds=known.kinds | one.kinds)
        return {name: _narrow(one, self._designed.get(name)) for name, one in found.items()}


def find_quantity(task: type[BaseTask], name: str, quantities: Mapping[str, Quantity]) -> Quantity:
    """Return the quantity that a task reads as an input, or the task's own declaration of it if there is none."""
    declared = task.input_parameters[name]
    return quantities.get(declared.source or name, Quantity(normalize_unit(declared.unit)))


def _iter_design() -> Iterator[tuple[str, Quantity]]:
    for kind, designed in (("qubit", OF_QUBITS), ("coupling", OF_COUPLINGS)):
        for name, (unit, lowest, highest) in designed.items():
            yield (
                name,
                Quantity(
                    unit, "", lowest, highest, kinds=frozenset({kind}), declared_by="the design of QDash"
                ),
            )


def _combine(known: Quantity | None, other: Quantity) -> Quantity:
    """Return the first declaration of a quantity, with what another one adds."""
    if known is None:
        return other
    joined: dict[str, Any] = {
        "positive": known.positive or other.positive,
        "convention": known.convention or other.convention,
        "line": known.line or other.line,
        "kinds": known.kinds | other.kinds,
    }
    if (known.minimum, known.maximum) == (None, None):
        joined["minimum"] = _convert(other.minimum, other.unit, known.unit)
        joined["maximum"] = _convert(other.maximum, other.unit, known.unit)
    if known.jump is None and (change := find_plausible_change([other], known.unit)) is not None:
        joined |= {"jump": change.jump, "ideal": change.ideal, "negligible": change.negligible}
    added = {name: one for name, one in joined.items() if one != getattr(known, name)}
    return replace(known, **added) if added else known


def _narrow(known: Quantity, designed: Quantity | None) -> Quantity:
    """Return a quantity with bounds no wider than those of the design, so that a value in a wrong unit is refused."""
    if designed is None:
        return known
    low, high = (_convert(one, designed.unit, known.unit) for one in (designed.minimum, designed.maximum))
    return replace(
        known,
        minimum=max((one for one in (known.minimum, low) if one is not None), default=None),
        maximum=min((one for one in (known.maximum, high) if one is not None), default=None),
    )


def _convert(limit: float | None, unit: str, to: str) -> float | None:
    return None if limit is None else convert(limit, unit, to)
