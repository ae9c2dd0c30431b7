"""Colouring problems: conflicts as numbers, without redundant resources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.scheduling.conflicts import Conflicts

_MANY_PAIRS = 30_000_000
"""Pairs that take a gigabyte or two."""


@dataclass(frozen=True)
class ColouringProblem:
    """A colouring problem.

    Targets are in the order of the plan, elsewhere referred to by place. Each resource is needed by two targets or
    more, and no other one by all of these; `needs` are those of each target, `users` the targets of each resource. A
    group has up to `cap` targets.
    """

    targets: tuple[str, ...]
    resources: tuple[str, ...]
    needs: tuple[tuple[int, ...], ...]
    users: tuple[tuple[int, ...], ...]
    cap: int

    @cached_property
    def neighbours(self) -> tuple[frozenset[int], ...]:
        """Targets in conflict with each target."""
        return tuple(
            frozenset(other for resource in needed for other in self.users[resource]) - {target}
            for target, needed in enumerate(self.needs)
        )

    @cached_property
    def is_multigraph(self) -> bool:
        """True if each target uses at most two shared resources: targets are edges, in conflict if they share a vertex."""
        return all(len(needed) <= 2 for needed in self.needs)

    @cached_property
    def is_sparse(self) -> bool:
        """True if the conflicting pairs are few enough to list: thousands of targets on one module have millions."""
        return sum(len(users) ** 2 for users in self.users) < _MANY_PAIRS

    @property
    def fewest_by_cap(self) -> int:
        """Minimum number of groups from the limit on targets in a group alone."""
        return -(-len(self.targets) // self.cap)


def make_problem(conflicts: Conflicts) -> ColouringProblem:
    """Return conflicts as a colouring problem. Equal conflicts give equal problems."""
    numbers = {target: number for number, target in enumerate(conflicts.targets)}
    members = {
        resource: frozenset(numbers[target] for target in users)
        for resource, users in sorted(conflicts.users.items())
        if len(users) > 1
    }
    needed = [
        [one for one in sorted(resources) if one in members] for resources in conflicts.resources.values()
    ]
    kept = [resource for resource in members if not _is_implied(resource, members, needed)]
    place = {resource: number for number, resource in enumerate(kept)}
    return ColouringProblem(
        conflicts.targets,
        tuple(kept),
        tuple(tuple(place[one] for one in resources if one in place) for resources in needed),
        tuple(tuple(sorted(members[resource])) for resource in kept),
        conflicts.max_parallel or max(len(conflicts.targets), 1),
    )


def _is_implied(resource: str, members: Mapping[str, frozenset[int]], needed: list[list[str]]) -> bool:
    """Return whether all targets with a resource also need another one, as a qubit's multiplexer and its module."""
    own = members[resource]
    rivals = needed[min(own)]
    return any(
        own < members[rival] or (own == members[rival] and rival < resource)
        for rival in rivals
        if rival != resource
    )
