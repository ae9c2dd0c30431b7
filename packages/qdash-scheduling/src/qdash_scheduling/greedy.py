"""Colourings in one pass: each target goes into the first class that takes it."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from qdash_scheduling.classes import ColourClasses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_scheduling.instance import ColouringProblem


def colour_by_degree(instance: ColouringProblem) -> ColourClasses:
    """Colour the targets with the most conflicts first (Welsh and Powell, Comput. J. 10, 85 (1967))."""
    if not instance.is_sparse:
        return colour_by_load(instance)
    neighbours = instance.neighbours
    order = sorted(range(len(neighbours)), key=lambda target: (-len(neighbours[target]), target))
    return _colour_in_order(instance, order)


def colour_by_load(instance: ColouringProblem) -> ColourClasses:
    """Colour targets with the busiest resources first. Conflicts are counted but never listed."""
    load = [sum(len(instance.users[one]) for one in needed) for needed in instance.needs]
    return _colour_in_order(instance, sorted(range(len(load)), key=lambda target: (-load[target], target)))


def colour_by_saturation(instance: ColouringProblem) -> ColourClasses:
    """Colour the target with the fewest remaining classes next, and among those the one with the most conflicts.

    Brelaz, Commun. ACM 22, 251 (1979): exact for bipartite conflicts, such as those on a heavy-hex or square lattice. A
    heap makes it nearly linear in the number of conflicts.
    """
    if not instance.is_sparse:
        return colour_by_load(instance)
    neighbours = instance.neighbours
    classes = _FirstFit(instance)
    seen: list[set[int]] = [set() for _ in neighbours]
    waiting = [(0, -len(others), target) for target, others in enumerate(neighbours)]
    heapify(waiting)
    while waiting:
        saturation, _, target = heappop(waiting)
        if classes.found.get_class(target) is not None or -saturation != len(seen[target]):
            continue
        number = classes.place(target)
        for other in neighbours[target]:
            if classes.found.get_class(other) is None and number not in seen[other]:
                seen[other].add(number)
                heappush(waiting, (-len(seen[other]), -len(neighbours[other]), other))
    return classes.found


def _colour_in_order(instance: ColouringProblem, order: Iterable[int]) -> ColourClasses:
    classes = _FirstFit(instance)
    for target in order:
        classes.place(target)
    return classes.found


class _FirstFit:
    """Classes that grow in number when no class takes a target."""

    def __init__(self, instance: ColouringProblem) -> None:
        self.found = ColourClasses(instance, 0)
        self._first_open = 0
        # Below this class a resource is taken throughout: a module of thousands of targets is not looked through anew.
        self._first_free = [0] * len(instance.resources)

    def place(self, target: int) -> int:
        classes = self.found
        while self._first_open < len(classes) and not classes.has_room(self._first_open):
            self._first_open += 1
        first = max((self._free_from(one) for one in classes.instance.needs[target]), default=0)
        number = next(
            (
                candidate
                for candidate in range(max(first, self._first_open), len(classes))
                if classes.has_room(candidate) and classes.is_free(target, candidate)
            ),
            None,
        )
        if number is None:
            number = classes.add_class()
        classes.put(target, number)
        return number

    def _free_from(self, resource: int) -> int:
        first = self._first_free[resource]
        while self.found.occupies(first, resource):
            first += 1
        self._first_free[resource] = first
        return first
