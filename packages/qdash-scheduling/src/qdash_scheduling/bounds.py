"""Lower bounds on the number of groups of a schedule, with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from qdash_core.scheduling.cliques import CLIQUES, grow_clique

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_scheduling.instance import ColouringProblem

_NAMED = 6
"""Maximum number of targets of a clique in a reason."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Lower bound on the number of groups, with its reason as text."""

    groups: int
    reason: str


def quick_bound(instance: ColouringProblem) -> Bound:
    """Return the largest inexpensive bound: the load of a resource, or the limits on simultaneous targets."""
    return max(_iter_quick_bounds(instance), key=lambda bound: bound.groups)


def find_lower_bound(instance: ColouringProblem, *, enough: int) -> Bound:
    """Return the largest bound found; the search ends at a bound of `enough` groups."""
    best = quick_bound(instance)
    if best.groups >= enough:
        return best
    clique = find_largest_clique(instance, above=best.groups, enough=enough)
    if len(clique) > best.groups:
        named = ", ".join(instance.targets[target] for target in sorted(clique)[:_NAMED])
        reason = f"{len(clique)} targets, every two of them in conflict: {named}"
        best = Bound(len(clique), reason + (", ..." if len(clique) > _NAMED else ""))
    return best


def find_largest_clique(instance: ColouringProblem, *, above: int = 0, enough: int | None = None) -> set[int]:
    """Return the largest clique of conflicting targets found.

    Ignores cliques of `above` targets or fewer; ends with one of `enough`.
    """
    if not instance.is_sparse:
        busiest = max(range(len(instance.users)), key=lambda resource: len(instance.users[resource]))
        return set(instance.users[busiest])
    neighbours = instance.neighbours
    by_degree = sorted(range(len(neighbours)), key=lambda target: (-len(neighbours[target]), target))
    best: set[int] = set()

    def most_left(target: int, candidates: set[int]) -> tuple[int, int]:
        return len(neighbours[target] & candidates), -target

    for start in by_degree[:CLIQUES]:
        known = max(len(best), above)
        if len(neighbours[start]) < known or (enough is not None and known >= enough):
            break
        best = max(best, set(grow_clique(start, neighbours.__getitem__, most_left)), key=len)
    return best


def _iter_quick_bounds(instance: ColouringProblem) -> Iterator[Bound]:
    count = len(instance.targets)
    yield Bound(min(count, 1), "one group at least" if count else "there is nothing to measure")
    for resource, users in zip(instance.resources, instance.users, strict=True):
        yield Bound(len(users), f"{resource} is needed by {len(users)} targets, one at a time")
    yield Bound(instance.fewest_by_cap, f"{count} targets, at most {instance.cap} at once")
    # Simultaneous targets need different resources, so those with the fewest needs show how many fit.
    modest = accumulate(sorted(len(needed) for needed in instance.needs))
    fit = sum(total <= len(instance.resources) for total in modest)
    if fit:
        reason = f"{count} targets, of which at most {fit} find enough resources at once"
        yield Bound(-(-count // fit), reason)
