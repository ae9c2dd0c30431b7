"""Exact colouring with the solver HiGHS of scipy."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_scheduling.classes import ColourClasses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_array

    from qdash_scheduling.instance import ColouringProblem


class NoSchedule(Enum):
    """Answer of the solver if it finds no schedule."""

    NONE_EXISTS = "none exists"
    UNDECIDED = "undecided"


def solve(
    instance: ColouringProblem, number: int, clique: Sequence[int], *, time_limit_s: float, nodes: int
) -> ColourClasses | NoSchedule:
    """Search for a colouring with `number` classes.

    Conflicting targets of `clique` get classes beforehand, as classes have no names. The question stays open after a
    time in seconds, or after so many nodes of the search tree, the same on every machine. Raises InvalidInputError if
    scipy is not installed.
    """
    if len(clique) > number:
        return NoSchedule.NONE_EXISTS
    try:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
    except ImportError as error:
        raise InvalidInputError(
            "the strategy 'exact' needs scipy: install qdash-scheduling[solver], or choose the strategy 'best'"
        ) from error
    count = len(instance.targets) * number
    upper = np.ones(count)
    for place, target in enumerate(clique):
        upper[target * number : (target + 1) * number] = 0
        upper[target * number + place] = 1
    rows, low, high = _make_constraints(instance, number)
    found = milp(
        np.zeros(count),
        integrality=np.ones(count, dtype=np.int64),
        bounds=Bounds(0, upper),
        constraints=LinearConstraint(rows, np.array(low), np.array(high)),
        options={"time_limit": time_limit_s, "node_limit": nodes},
    )
    if found.status == 2:  # infeasible
        return NoSchedule.NONE_EXISTS
    if found.status != 0 or found.x is None:
        return NoSchedule.UNDECIDED
    classes = ColourClasses(instance, number)
    for target, row in enumerate(found.x.reshape(len(instance.targets), number)):
        classes.put(target, int(row.argmax()))
    return classes


def _make_constraints(instance: ColouringProblem, number: int) -> tuple[csr_array, list[float], list[float]]:
    """Return rows over (target, class): each target in one class, each resource and each class within its limit."""
    import numpy as np
    from scipy.sparse import csr_array

    rows: list[tuple[list[int], float, float]] = [
        (list(range(target * number, (target + 1) * number)), 1, 1) for target in range(len(instance.targets))
    ]
    for users in instance.users:
        rows += [([user * number + group for user in users], 0, 1) for group in range(number)]
    if instance.cap < len(instance.targets):
        everyone = range(len(instance.targets))
        rows += [
            ([target * number + group for target in everyone], 0, instance.cap) for group in range(number)
        ]
    columns = [column for members, _, _ in rows for column in members]
    starts = np.cumsum([0, *(len(members) for members, _, _ in rows)])
    shape = (len(rows), len(instance.targets) * number)
    matrix = csr_array((np.ones(len(columns)), np.array(columns, dtype=np.int32), starts), shape=shape)
    return matrix, [low for _, low, _ in rows], [high for _, _, high in rows]
