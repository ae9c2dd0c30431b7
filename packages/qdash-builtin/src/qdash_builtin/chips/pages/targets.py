"""Document fields of the two kinds of target, qubits and couplings."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from qdash_builtin.chips.operations.targets import show_coupling, show_qubit
from qdash_builtin.chips.views.targets import CouplingDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.chips.views.chips import ChipDocument, CouplingState, QubitState
    from qdash_builtin.chips.views.targets import QubitDocument, TargetDocument
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_core.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class TargetKind:
    """Kind of target: qubits, or couplings. `word` names it, also in the path of its page and as a query parameter."""

    word: Literal["qubit", "coupling"]
    show: Operation[..., QubitDocument | CouplingDocument]

    def targets_of(self, chip: ChipDocument) -> Mapping[str, QubitState | CouplingState]:
        """Return the targets of this kind of a chip by id, in its order."""
        return chip.qubits if self.word == "qubit" else chip.couplings

    def values(self, values: ChipValuesDocument, target: str) -> Mapping[str, ValueDocument]:
        """Return the values of a target by metric, from the values of a chip."""
        of_all = values.qubits if self.word == "qubit" else values.couplings
        return of_all.get(target, {})


QUBIT = TargetKind("qubit", show_qubit)
COUPLING = TargetKind("coupling", show_coupling)


def get_input_kind(target: str) -> TargetKind:
    """Return the kind of the target with this id."""
    return COUPLING if "-" in target else QUBIT


def list_neighbours(chip: ChipDocument, target: str) -> list[str]:
    """Return the neighbours of a target: the couplings of a qubit, or the qubits of a coupling."""
    if "-" in target:
        return target.split("-")
    return [coupling for coupling in chip.couplings if target in coupling.split("-")]


def describe_direction(target: TargetDocument) -> list[str]:
    """Return a description of the control qubit of a coupling; empty for a qubit."""
    if not isinstance(target, CouplingDocument):
        return []
    if target.control is None:
        return ["no direction set yet"]
    other = next(one for one in target.id.split("-") if one != target.control)
    return [f"control {escape(target.control)}, target {escape(other)}"]


def find_neighbours_in_order(chip: ChipDocument, target: str) -> tuple[str | None, str | None]:
    """Return the previous and the next target of the same kind, or None at the ends."""
    order = list(get_input_kind(target).targets_of(chip))
    place = order.index(target)
    before = order[place - 1] if place else None
    return before, order[place + 1] if place + 1 < len(order) else None
