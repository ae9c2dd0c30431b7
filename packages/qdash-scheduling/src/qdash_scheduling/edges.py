"""Edge colouring: targets that need at most two resources are the edges of a multigraph of resources.

With two sides of resources the busiest one alone decides how many groups there are (Koenig, Math. Ann. 77, 453 (1916)),
and alternating paths find them. Groups can be made equal in size (de Werra, Inf. Syst. Oper. Res. 9, 131 (1971);
McDiarmid, J. Inst. Math. Appl. 9, 337 (1972)): with a limit of targets there are max(load, ceil(targets / limit)) groups.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from qdash_scheduling.classes import ColourClasses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_scheduling.instance import ColouringProblem

_LONGEST_SEARCH = 60
"""Pairs of classes that are tried to make room for one target; without two sides there may be none."""


def colour_edges(instance: ColouringProblem, number: int) -> ColourClasses:
    """Colour the edges of a multigraph in `number` classes of equal size.

    No target may need more than two resources; `number` is at least the load of every resource. With two sides of
    resources all targets are placed, else some may be left over.
    """
    classes = ColourClasses(instance, number)
    turn = 0
    for target in range(len(instance.targets)):
        free = _find_free_class(classes, target, turn)
        if free is None:
            free = _swap_for_room(classes, target)
        if free is not None:
            classes.put(target, free)
            turn = (free + 1) % number
    _balance(classes)
    return classes


def colour_bipartite(instance: ColouringProblem) -> ColourClasses | None:
    """Return two classes, filled to the limit and then continued, if the conflicts are bipartite, otherwise None."""
    if any(len(users) > 2 for users in instance.users):
        return None
    side: dict[int, int] = {}
    for start in range(len(instance.targets)):
        if start in side:
            continue
        side[start], waiting = 0, [start]
        while waiting:
            target = waiting.pop()
            for other in sorted(instance.neighbours[target]):
                if other not in side:
                    side[other] = 1 - side[target]
                    waiting.append(other)
                elif side[other] == side[target]:
                    return None
    return _fill_classes(instance, side)


def _fill_classes(instance: ColouringProblem, side: dict[int, int]) -> ColourClasses:
    classes = ColourClasses(instance, 0)
    for one in (0, 1):
        members = [target for target in range(len(instance.targets)) if side[target] == one]
        for place, target in enumerate(members):
            if place % instance.cap == 0:
                classes.add_class()
            classes.put(target, len(classes) - 1)
    return classes


def _find_free_class(classes: ColourClasses, target: int, turn: int) -> int | None:
    """Return the next class, in turn, that takes a target; turns keep the classes at equal size."""
    order = chain(range(turn, len(classes)), range(turn))
    free = None
    for number in order:
        if classes.is_free(target, number):
            if classes.has_room(number):
                return number
            free = number if free is None else free
    return free


def _swap_for_room(classes: ColourClasses, target: int) -> int | None:
    """Swap an alternating path so that a class becomes free for a target, and return the class."""
    first, second = classes.instance.needs[target]
    free_at_first = _free_at(classes, first)
    free_at_second = _free_at(classes, second)
    pairs = [(one, other) for one in free_at_first for other in free_at_second][:_LONGEST_SEARCH]
    for one, other in pairs:
        # `one` is free at the first resource: once the path from the second has swapped, it is free at both, unless
        # that path ends in the first, which takes a cycle of odd length.
        path = classes.find_kempe_chain(classes.find_conflicting(target, one), one, other)
        if not path & classes.find_conflicting(target, other):
            classes.swap_chain(path, one, other)
            return one
    return None


def _free_at(classes: ColourClasses, resource: int) -> Sequence[int]:
    taken = {classes.get_class(user) for user in classes.instance.users[resource]}
    return [number for number in range(len(classes)) if number not in taken]


def _balance(classes: ColourClasses) -> None:
    """Move targets from classes above the limit to smaller ones."""
    while True:
        sizes = [len(members) for members in classes.members]
        large = max(range(len(sizes)), key=lambda number: (sizes[number], -number), default=0)
        if not sizes or sizes[large] <= classes.instance.cap:
            return
        small = min(range(len(sizes)), key=lambda number: (sizes[number], number))
        path = _find_augmenting_path(classes, large, small)
        if path is None:
            return
        classes.swap_chain(path, large, small)


def _find_augmenting_path(classes: ColourClasses, large: int, small: int) -> set[int] | None:
    """Return an alternating path of two classes with one more target of the larger class."""
    seen: set[int] = set()
    for start in classes.members[large]:
        if start in seen:
            continue
        path = classes.find_kempe_chain([start], large, small)
        seen |= path
        if 2 * sum(classes.get_class(target) == large for target in path) > len(path):
            return path
    return None
