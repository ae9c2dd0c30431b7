"""Blocks of a schedule: the groups between two barriers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from qdash_core.scheduling.makespan import Timeline, find_best_order, list_schedule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.scheduling.conflicts import Conflicts


@dataclass(frozen=True, slots=True)
class Block:
    """Groups between two barriers, with the conflicts among their targets."""

    groups: Sequence[Sequence[str]]
    conflicts: Conflicts

    def find_order(self, durations_s: Mapping[str, float], *, ordered: bool) -> list[str]:
        """Return the targets by priority: group by group if they are ordered, otherwise in the shortest order that is found."""
        if ordered:
            return [target for group in self.groups for target in group]
        return find_best_order(self.conflicts, durations_s, self.groups)


def split_blocks(
    groups: Sequence[Sequence[str]], barriers: Collection[int], conflicts: Conflicts
) -> list[Block]:
    """Return the blocks of a schedule, which run one after another."""
    return [
        Block(part, conflicts.only(target for group in part for target in group))
        for part in split_groups(groups, barriers)
    ]


def split_groups(groups: Sequence[Sequence[str]], barriers: Collection[int]) -> list[Sequence[Sequence[str]]]:
    """Return the groups between barriers."""
    edges = [0, *sorted(barriers), len(groups)]
    return [groups[begin:end] for begin, end in pairwise(edges) if begin < end]


def time_blocks(blocks: Iterable[Block], durations_s: Mapping[str, float], *, ordered: bool) -> Timeline:
    """Return the start and end of every target if each starts as soon as its resources are free and its block has begun.

    For `ordered` see `Colouring`.
    """
    start_s: dict[str, float] = {}
    end_s: dict[str, float] = {}
    begun_s = 0.0
    for block in blocks:
        part = list_schedule(block.conflicts, durations_s, block.find_order(durations_s, ordered=ordered))
        start_s |= {target: begun_s + at_s for target, at_s in part.start_s.items()}
        end_s |= {target: begun_s + at_s for target, at_s in part.end_s.items()}
        begun_s += part.makespan_s
    return Timeline(start_s, end_s)
