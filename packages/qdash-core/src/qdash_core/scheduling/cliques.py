"""Cliques of conflicting targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Target = TypeVar("Target")

CLIQUES = 200
"""Number of cliques to grow in the search for a large one."""


def grow_clique(
    first: Target,
    neighbours: Callable[[Target], frozenset[Target]],
    rank: Callable[[Target, set[Target]], tuple[float, Target]],
) -> list[Target]:
    """Return a clique of conflicting targets, grown from one target.

    `neighbours` returns the targets in conflict with one. `rank` takes a candidate and all candidates, which are in
    conflict with every member so far, and returns its rank: the highest joins.
    """
    clique, candidates = [first], set(neighbours(first))
    while candidates:
        chosen = max(candidates, key=lambda target: rank(target, candidates))
        clique.append(chosen)
        candidates &= neighbours(chosen)
    return clique
