"""Scheduling strategies of the kind "qubit", which order the qubits of a chip.

Steps of targets are split at conflicts. A step, or a class of boxes, begins at a barrier: after the end of everything
before it.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.scheduling.colouring import Colouring
from qdash_scheduling.bounds import find_lower_bound
from qdash_scheduling.instance import make_problem
from qdash_scheduling.strategies import BestStrategy, find_best_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        return _colour_in_steps(self.name, conflicts, lambda qid: places.get(qid, (0, 1))[0])


class CheckerboardStrategy:
    """Strategy like `synchronized`, in which every second multiplexer takes its positions in reverse order.

    Qubits at the same position are alike in frequency by design: so neighbouring multiplexers do not measure alike ones
    at once, save at the middle position of an odd number.
    """

    name = "checkerboard"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)
        return _colour_in_steps(self.name, conflicts, _make_checkerboard(layout.topology))


class SynchronizedBoxStrategy:
    """Strategy that takes the steps of `checkerboard` for one class of boxes after another, in the order of `boxes`."""

    name = "synchronized-boxes"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)
        step, stages = _make_checkerboard(layout.topology), _assign_box_stages(layout)
        return _colour_in_steps(self.name, conflicts, lambda qid: (stages(qid), step(qid)))


class BoxStrategy:
    """Strategy that measures one class of boxes after another: BOX_A, BOX_B, then multiplexers that need both.

    Within a class the multiplexers are measured in parallel, and the qubits of each one after another, by position. Multiplexers of
    several classes that share a module outside box A are measured in different blocks.
    """

    name = "boxes"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        if layout is None:
            return _colour_in_steps(self.name, conflicts, lambda _: 0)
        topology, places, stages = (
            layout.topology,
            _locate_in_muxes(layout.topology),
            _assign_box_stages(layout),
        )
        one_at_a_time = {
            qid: frozenset({f"mux {mux}"})
            for qid in conflicts.targets
            if (mux := topology.get_mux(qid)) is not None
        }
        return _colour_in_steps(
            self.name,
            conflicts,
            lambda qid: (stages(qid), places.get(qid, (0, 1))[0]),
            stages,
            one_at_a_time,
        )


class SerialStrategy:
    """Strategy that measures one qubit after another, multiplexer by multiplexer."""

    name = "serial"
    kind: Literal["qubit"] = "qubit"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        rank = {qid: number for number, qid in enumerate(conflicts.targets)}
        if layout is None:
            return _colour_in_steps(self.name, conflicts, rank.__getitem__)
        topology, places = layout.topology, _locate_in_muxes(layout.topology)

        def step(qid: str) -> tuple[float, int, int]:
            mux = topology.get_mux(qid)
            return inf if mux is None else mux, places.get(qid, (0, 1))[0], rank[qid]

        return _colour_in_steps(self.name, conflicts, step)


def get_box_class(qid: str, topology: Topology, wiring: ModuleWiring | None) -> str:
    """Return the class of boxes that a qubit needs: `"BOX_"` and the class, BOX_MIXED for several, NO_BOX when unknown."""
    mux = topology.get_mux(qid)
    boxes = wiring.get_boxes(mux) if wiring is not None and mux is not None else frozenset()
    if not boxes:
        return NO_BOX
    return BOX_MIXED if len(boxes) > 1 else f"BOX_{next(iter(boxes))}"


def _colour_in_steps(
    name: str,
    conflicts: Conflicts,
    step: Callable[[str], Any],
    block: Callable[[str], Any] | None = None,
    exclusions: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Colouring:
    """Return steps in order, each split into groups where its targets are in conflict.

    `step` returns the step of a target, which can be sorted, `block` its block: a barrier precedes each block, or every
    step if it is None.
    """
    conflicts = conflicts.with_resources(exclusions)
    steps: dict[Any, list[str]] = {}
    for target in conflicts.targets:
        steps.setdefault(step(target), []).append(target)
    groups: list[tuple[str, ...]] = []
    blocks: list[Any] = []
    for number in sorted(steps):
        classes, _ = find_best_classes(make_problem(conflicts.only(steps[number])), BestStrategy.budget_s)
        made = classes.list_groups()
        groups += made
        blocks += [(block or step)(steps[number][0])] * len(made)
    bound = find_lower_bound(make_problem(conflicts), enough=len(groups))
    barriers = frozenset(number for number in range(1, len(groups)) if blocks[number] != blocks[number - 1])
    return Colouring(tuple(groups), bound.groups, bound.reason, name, barriers, exclusions, ordered=True)


_BOX_ORDER = (BOX_A, BOX_B, BOX_MIXED, NO_BOX)


def _assign_box_stages(layout: Layout) -> Callable[[str], tuple[int, str, int]]:
    """Return the stage of each qubit: its class of boxes in the order of measurement, and its part of the class.

    The multiplexers of BOX_MIXED are in parts without a common module outside box A.
    """
    topology, wiring = layout.topology, layout.wiring
    parts: list[set[str]] = []
    part_of: dict[int, int] = {}
    for mux in topology.muxes:
        if wiring is not None and len(wiring.get_boxes(mux)) > 1:
            modules = {one for one in wiring.get_modules(mux) if wiring.box_class(one) != "A"}
            fitting = (number for number, used in enumerate(parts) if not used & modules)
            part_of[mux] = next(fitting, len(parts))
            if part_of[mux] == len(parts):
                parts.append(set())
            parts[part_of[mux]] |= modules

    def stage(qid: str) -> tuple[int, str, int]:
        box, mux = get_box_class(qid, topology, wiring), topology.get_mux(qid)
        rank = _BOX_ORDER.index(box) if box in _BOX_ORDER else len(_BOX_ORDER)
        return rank, box, 0 if mux is None else part_of.get(mux, 0)

    return stage


def _locate_in_muxes(topology: Topology) -> dict[str, tuple[int, int]]:
    """Return for each qubit its position in its multiplexer, and the number of positions there."""
    members = [topology.members(mux) for mux in topology.muxes]
    return {qid: (place, len(qids)) for qids in members for place, qid in enumerate(qids)}


def _make_checkerboard(topology: Topology) -> Callable[[str], int]:
    """Return the step of each qubit if every second multiplexer takes its positions in reverse order."""
    places, dark = _locate_in_muxes(topology), _find_dark_muxes(topology)

    def step(qid: str) -> int:
        place, size = places.get(qid, (0, 1))
        return size - 1 - place if topology.get_mux(qid) in dark else place

    return step


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


ORDERINGS = (
    UncoupledStrategy(),
    SynchronizedStrategy(),
    CheckerboardStrategy(),
    SynchronizedBoxStrategy(),
    BoxStrategy(),
    SerialStrategy(),
)
"""Built-in strategies for qubits."""
