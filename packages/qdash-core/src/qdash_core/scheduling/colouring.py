"""Colourings of conflicts, and the interface of scheduling strategies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.models.targets import TargetKind
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout


@dataclass(frozen=True)
class Colouring:
    """Groups of simultaneous targets, with a lower bound on their number.

    Parameters
    ----------
    groups : tuple of tuple of str
        Every target in exactly one group, in the order in which they are to be measured.
    lower_bound : int
        Lower bound on the number of groups.
    limited_by : str
        Reason of the bound as text.
    barriers : frozenset of int
        Numbers of the groups, from 1, that start only after the end of all earlier groups; the first group is number 0. Without barriers
        each target starts as soon as its resources are free.
    exclusions : mapping of str to frozenset of str
        Resources that the strategy lets each target occupy besides those of the conflicts: targets that share one are never measured
        simultaneously.
    ordered : bool
        Whether, of targets that can start, the first one in the groups starts. Otherwise a run looks for the shortest order between two
        barriers.

    Raises
    ------
    InvalidInputError
        If there is no group with the number of a barrier, or none before it.
    """

    groups: tuple[tuple[str, ...], ...]
    lower_bound: int
    limited_by: str
    strategy: str
    barriers: frozenset[int] = frozenset()
    exclusions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ordered: bool = False

    def __post_init__(self) -> None:
        check_barriers(self.groups, self.barriers)

    @property
    def proved_optimal(self) -> bool:
        """True if no schedule can have fewer groups."""
        return len(self.groups) <= self.lower_bound

    def only(self, targets: Iterable[str]) -> Colouring:
        """Return the groups with only these targets, and the barriers between them; empty groups are dropped."""
        kept = set(targets)
        groups: list[tuple[str, ...]] = []
        barriers: set[int] = set()
        waits = False
        for number, group in enumerate(self.groups):
            waits = waits or number in self.barriers
            if rest := tuple(target for target in group if target in kept):
                if waits and groups:
                    barriers.add(len(groups))
                waits = False
                groups.append(rest)
        bound = min(self.lower_bound, len(groups))
        return replace(self, groups=tuple(groups), lower_bound=bound, barriers=frozenset(barriers))


def check_barriers(groups: Sequence[Sequence[str]], barriers: Collection[int]) -> None:
    """Raise InvalidInputError if a barrier has no group, or no group before it."""
    wrong = sorted(number for number in barriers if not 0 < number < len(groups))
    if wrong:
        raise InvalidInputError(
            f"barrier before group {wrong[0]} of {len(groups)}: the number of a group that has one before it is 1 to {len(groups) - 1}"
        )


def list_barriers(groups: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the barriers of groups that run one after another."""
    return frozenset(range(1, len(groups)))


def find_fault(found: Colouring, conflicts: Conflicts) -> str | None:
    """Return what is wrong with a colouring of targets with these conflicts, as a clause such as `4 is in 2 groups`, or None."""
    counts = Counter(target for group in found.groups for target in group)
    for target in dict.fromkeys([*counts, *found.exclusions, *conflicts.targets]):
        if target not in conflicts.resources:
            return f"{target!r} is not among the targets"
        if counts[target] != 1:
            return f"{target} is in {counts[target]} groups" if counts[target] else f"{target} is in no group"
    occupied = conflicts.with_resources(found.exclusions)
    for number, group in enumerate(found.groups, 1):
        if not group:
            return f"group {number} of {len(found.groups)} is empty"
        if conflicts.max_parallel is not None and len(group) > conflicts.max_parallel:
            return f"group {number} has {len(group)} targets, and at most {conflicts.max_parallel} can be measured at once"
        for resource, users in occupied.only(group).users.items():
            if len(users) > 1:
                return f"{users[0]} and {users[1]} are in one group, and both need {resource}"
    if found.lower_bound > len(found.groups):
        return f"the lower bound is {found.lower_bound}, and there are {len(found.groups)} groups"
    return None


class Scheduler(Protocol):
    """Scheduling strategy, which sorts targets into groups for simultaneous measurement.

    Equal conflicts and layouts give equal groups, on every machine.
    """

    @property
    def name(self) -> str:
        """Name of the strategy; unique among those of its kind."""

    @property
    def kind(self) -> TargetKind:
        """Kind of the targets."""

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        """Return every target in exactly one group.

        `layout` has the positions and wiring of the chip, or is None to use the conflicts alone.
        """
