"""Schedules of simultaneous measurements, with lower bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.scheduling.blocks import split_blocks, time_blocks
from qdash_core.scheduling.makespan import lower_bound, sum_group_durations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.targets import TargetKind
    from qdash_core.scheduling.colouring import Colouring
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.directions import Direction
    from qdash_core.scheduling.makespan import Timeline


@dataclass(frozen=True)
class Schedule:
    """A plan for the targets of a chip.

    The conflicts are those without the exclusions of the colouring. `durations_s` has the time that all tasks of a
    target are expected to take, in seconds. `directions` are by coupling; empty for qubits.
    """

    kind: TargetKind
    colouring: Colouring
    conflicts: Conflicts
    durations_s: Mapping[str, float]
    directions: Mapping[str, Direction] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Groups of simultaneous targets."""
        return self.colouring.groups

    @property
    def lower_bound(self) -> int:
        """Lower bound on the number of groups."""
        return self.colouring.lower_bound

    @property
    def proved_optimal(self) -> bool:
        """True if no schedule can have fewer groups."""
        return self.colouring.proved_optimal

    @cached_property
    def occupied(self) -> Conflicts:
        """Resources of each target, including the exclusions of the colouring."""
        return self.conflicts.with_resources(self.colouring.exclusions)

    @cached_property
    def timeline(self) -> Timeline:
        """Start and end of every target, each started as soon as its resources are free, but not before a barrier."""
        blocks = split_blocks(self.groups, self.colouring.barriers, self.occupied)
        in_order = time_blocks(blocks, self.durations_s, ordered=True)
        if self.colouring.ordered or in_order.makespan_s <= self.makespan_lower_bound_s * (1 + 1e-9):
            return in_order
        return time_blocks(blocks, self.durations_s, ordered=False)

    @property
    def makespan_s(self) -> float:
        """Makespan in seconds. No group waits for the end of the one before, except at barriers."""
        return self.timeline.makespan_s

    @cached_property
    def makespan_by_groups_s(self) -> float:
        """Makespan in seconds if each group waits for the end of the previous one."""
        return sum_group_durations(self.groups, self.durations_s)

    @cached_property
    def makespan_lower_bound_s(self) -> float:
        """Lower bound on the makespan, in seconds.

        If every target were as short as the shortest, targets that start within this duration would form a group.
        """
        shortest_s = min(self.durations_s.values(), default=0.0)
        return max(lower_bound(self.occupied, self.durations_s), self.lower_bound * shortest_s)
