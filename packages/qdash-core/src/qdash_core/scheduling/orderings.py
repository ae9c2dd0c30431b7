"""Scheduling strategies of the kind "qubit", which order the qubits of a chip.

An ordering assigns targets to steps. Steps are split at conflicts, so that targets in conflict never share a
group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from qdash_core.scheduling.bounds import find_lower_bound
from qdash_core.scheduling.colouring import Colouring
from qdash_core.scheduling.instance import make_problem
from qdash_core.scheduling.strategies import BestStrategy, find_best_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from qdash_core.chips.topology import Topology
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout, ModuleWiring

BOX_A, BOX_B, BOX_MIXED, NO_BOX = "BOX_A", "BOX_B", "BOX_MIXED", "no box"
"""Classes of boxes whose modules a multiplexer uses: of one class, of several, unknown."""


class UncoupledStrategy:
    """Strategy with the fewest groups in which no two coupled qubits are together."""

    name = "uncoupled"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        classes, bound = find_best_classes(make_problem(conflicts), BestStrategy.budget_s)
        return Colouring(classes.list_groups(), bound.groups, bound.reason, self.name)


class SynchronizedStrategy:
    """Strategy in which each step measures the same position of every multiplexer, so that all run in step."""

    name = "synchronized"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)
        places = _locate_in_muxes(layout.topology)
        return _colour_in_steps(self.name, conflicts, lambda qid: places.get(qid, (0, 0))[0])


class CheckerboardStrategy:
    """Strategy like `SynchronizedStrategy`, in which every second multiplexer takes its positions in reverse
    order.

    Qubits at the same position are alike in frequency by design; so neighbouring multiplexers never measure alike ones at
    once, save at the middle position of an odd number.
    """

    name = "checkerboard"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)
        places, dark = _locate_in_muxes(layout.topology), _find_dark_muxes(layout.topology)

        def step(qid: str) -> int:
            place, size = places.get(qid, (0, 1))
            return size - 1 - place if layout.topology.get_mux(qid) in dark else place

        return _colour_in_steps(self.name, conflicts, step)


class BoxStrategy:
    """Strategy that groups qubits by class of boxes: BOX_A first, then BOX_B, then qubits that need both."""

    name = "boxes"
    kind: Literal["qubit"] = "qubit"
    _ORDER: ClassVar[tuple[str, ...]] = (BOX_A, BOX_B, BOX_MIXED, NO_BOX)

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)

        def step(qid: str) -> tuple[int, str]:
            box = get_box_class(qid, layout.topology, layout.wiring)
            return (self._ORDER.index(box) if box in self._ORDER else len(self._ORDER), box)

        return _colour_in_steps(self.name, conflicts, step)


def get_box_class(qid: str, topology: Topology, wiring: ModuleWiring | None) -> str:
    """Return the class of boxes that a qubit needs: `"BOX_"` and the class, BOX_MIXED for several, NO_BOX when unknown."""
    mux = topology.get_mux(qid)
    boxes = wiring.get_boxes(mux) if wiring is not None and mux is not None else frozenset()
    if not boxes:
        return NO_BOX
    return BOX_MIXED if len(boxes) > 1 else f"BOX_{next(iter(boxes))}"


def _colour_in_steps(name: str, conflicts: Conflicts, step: Callable[[str], Hashable]) -> Colouring:
    steps: dict[Hashable, list[str]] = {}
    for target in conflicts.targets:
        steps.setdefault(step(target), []).append(target)
    groups: list[tuple[str, ...]] = []
    for number in sorted(steps):  # type: ignore[type-var]  # numbers, or pairs of number and text
        classes, _ = find_best_classes(make_problem(conflicts.only(steps[number])), BestStrategy.budget_s)
        groups += classes.list_groups()
    bound = find_lower_bound(make_problem(conflicts), enough=len(groups))
    return Colouring(tuple(groups), bound.groups, bound.reason, name)


def _locate_in_muxes(topology: Topology) -> dict[str, tuple[int, int]]:
    """Return for each qubit its position in its multiplexer, and the number of positions there."""
    members = [topology.members(mux) for mux in topology.muxes]
    return {qid: (place, len(qids)) for qids in members for place, qid in enumerate(qids)}


def _find_dark_muxes(topology: Topology) -> set[int]:
    """Return every second multiplexer: those at an odd number of couplings from the first."""
    shade: dict[int, int] = {}
    for first in topology.muxes:
        if first in shade:
            continue
        shade[first], waiting = 0, [first]
        for mux in waiting:
            for qid in topology.members(mux):
                for other in topology.neighbours(qid):
                    near = topology.get_mux(other)
                    if near is not None and near not in shade:
                        shade[near] = 1 - shade[mux]
                        waiting.append(near)
    return {mux for mux, colour in shade.items() if colour}


ORDERINGS = (UncoupledStrategy(), SynchronizedStrategy(), CheckerboardStrategy(), BoxStrategy())
"""Built-in strategies for qubits."""
