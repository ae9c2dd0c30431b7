"""Quantities: one declaration of each parameter of qubits and couplings, by which values are checked and converted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.chips.design import OF_COUPLINGS, OF_QUBITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.tasks.base import BaseTask

_KINDS = frozenset({"qubit", "coupling"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """Declaration of a parameter.

    Parameters
    ----------
    unit, description : str
        Its unit, and its meaning.
    minimum, maximum : float or None
        Physical bounds.
    positive : bool
        Whether 0 and below are meaningless.
    kinds : frozenset of str
        Kinds of its targets: `qubit`, `coupling`; empty if unknown.
    """

    unit: str
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    kinds: frozenset[str] = frozenset()


def collect_quantities(tasks: Iterable[type[BaseTask]]) -> dict[str, Quantity]:
    """Return the quantities that tasks make or read, and those of the design, by name.

    The unit is that of the first task that makes the quantity, or reads it if none does. Bounds are those of the first task that declares
    some, within those of the design.
    """
    found: dict[str, Quantity] = {}
    for task in (tasks := list(tasks)):
        kinds = _KINDS & {task.task_type}
        for name, made in task.output_parameters.items():
            declared = Quantity(made.unit, made.description, made.minimum, made.maximum, made.positive, kinds)
            found[name] = _combine(found.get(name), declared)
    for task in tasks:
        for given, read in task.input_parameters.items():
            kind = "coupling" if task.task_type == "coupling" and read.role == "coupling" else "qubit"
            declared = Quantity(read.unit, read.description, kinds=frozenset({kind}))
            name = read.source or given
            found[name] = _combine(found.get(name), declared)
    for kind, designed in (("qubit", OF_QUBITS), ("coupling", OF_COUPLINGS)):
        for name, (unit, lowest, highest) in designed.items():
            known = found.get(name, Quantity(unit, minimum=lowest, maximum=highest))
            minimum, maximum = known.minimum, known.maximum
            found[name] = replace(
                known,
                minimum=lowest if minimum is None else max(minimum, lowest),
                maximum=highest if maximum is None else min(maximum, highest),
                kinds=known.kinds | {kind},
            )
    return found


def _combine(known: Quantity | None, other: Quantity) -> Quantity:
    """Return the first declaration of a quantity, with the bounds of another one if it has none."""
    if known is None:
        return other
    if (known.minimum, known.maximum) == (None, None):
        known = replace(known, minimum=other.minimum, maximum=other.maximum)
    return replace(known, positive=known.positive or other.positive, kinds=known.kinds | other.kinds)
