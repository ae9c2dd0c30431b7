"""Makespan of schedules: lower bounds, list schedules and schedules by groups."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

from qdash_core.scheduling.cliques import CLIQUES, grow_clique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.scheduling.conflicts import Conflicts

_TRIES = 50
_PLACED_AT_MOST = 50_000
"""Jobs that are placed in search of a better order: about a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Start and end of the measurement of each target, in seconds since the first start."""

    start_s: Mapping[str, float]
    end_s: Mapping[str, float]

    @property
    def makespan_s(self) -> float:
        """Time from the first start to the last end, in seconds."""
        return max(self.end_s.values(), default=0.0)


def lower_bound(conflicts: Conflicts, durations: Mapping[str, float]) -> float:
    """Return a lower bound on the makespan.

    The largest of three: the longest target; the sum over targets that need one resource, or that exclude each other
    for any reasons; and the sum over all targets divided by the number that may be measured at once. `durations` has
    the duration of each target in seconds.
    """
    bounds = [durations[target] for target in conflicts.targets]
    bounds += [sum(durations[target] for target in users) for users in conflicts.users.values()]
    if conflicts.max_parallel is not None:
        bounds.append(sum(durations[target] for target in conflicts.targets) / conflicts.max_parallel)
    return _raise_by_cliques(max(bounds, default=0.0), conflicts, durations)


def _raise_by_cliques(known: float, conflicts: Conflicts, durations: Mapping[str, float]) -> float:
    """Return the larger of a known bound and the total time of targets that exclude each other in pairs."""
    most: dict[str, float] = {}
    for target, needed in conflicts.resources.items():
        if (
            sum(len(conflicts.users[resource]) > 1 for resource in needed) > 1
        ):  # else a resource's load says as much
            most[target] = durations[target] + sum(durations[other] for other in conflicts.neighbours[target])

    def longest(target: str, _: set[str]) -> tuple[float, str]:
        return durations[target], target

    for target in sorted(most, key=most.__getitem__, reverse=True)[:CLIQUES]:
        if most[target] <= known:
            break
        clique = grow_clique(target, conflicts.neighbours.__getitem__, longest)
        known = max(known, sum(durations[one] for one in clique))
    return known


def sum_group_durations(groups: Iterable[Sequence[str]], durations: Mapping[str, float]) -> float:
    """Return the total duration of sequential groups, each as long as its longest target."""
    return sum(max((durations[target] for target in group), default=0.0) for group in groups)


def list_schedule(
    conflicts: Conflicts, durations: Mapping[str, float], order: Sequence[str] | None = None
) -> Timeline:
    """Start every target as soon as its resources are free; if several can start, the first in `order`.

    Graham, SIAM J. Appl. Math. 17, 416 (1969).
    """
    ranks = {target: rank for rank, target in enumerate(conflicts.targets if order is None else order)}
    lanes = inf if conflicts.max_parallel is None else conflicts.max_parallel
    start: dict[str, float] = {}
    end: dict[str, float] = {}
    blocked = dict.fromkeys(ranks, 0)
    ready = [(rank, target) for target, rank in ranks.items()]
    heapify(ready)
    running: list[tuple[float, int, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < lanes:
            rank, target = heappop(ready)
            if target in start or blocked[target]:
                continue
            start[target], end[target] = now, now + durations[target]
            heappush(running, (end[target], rank, target))
            for other in conflicts.neighbours[target]:
                blocked[other] += 1
        now = running[0][0] if running else now
        while running and running[0][0] <= now:
            _, _, ended = heappop(running)
            for other in conflicts.neighbours[ended]:
                blocked[other] -= 1
                if not blocked[other] and other not in start:
                    heappush(ready, (ranks[other], other))
    return Timeline(start, end)


def find_best_order(
    conflicts: Conflicts, durations: Mapping[str, float], groups: Iterable[Sequence[str]] = ()
) -> list[str]:
    """Return the order of targets with the shortest list schedule among deterministic candidates.

    Candidates are: the groups one after another, the critical path first, and variations of the better one that move
    the target with the last end forward. If the conflicts of `groups`, the groups of a colouring, need two colours,
    their order reaches the bound.
    """
    enough_s = lower_bound(conflicts, durations) * (1 + 1e-9)
    timelines: list[tuple[Timeline, list[str]]] = []
    grouped = [target for group in groups for target in group]
    if len(grouped) == len(conflicts.targets):
        timelines.append((list_schedule(conflicts, durations, grouped), grouped))
        if timelines[0][0].makespan_s <= enough_s:
            return grouped
    order = order_by_load(conflicts, durations)
    timelines.append((list_schedule(conflicts, durations, order), order))
    timeline, order = best = min(timelines, key=lambda found: found[0].makespan_s)
    for _ in range(min(_TRIES, _PLACED_AT_MOST // max(len(order), 1))):
        if best[0].makespan_s <= enough_s:
            break
        order = _list_earlier(order, max(order, key=timeline.end_s.__getitem__))
        timeline = list_schedule(conflicts, durations, order)
        best = min(best, (timeline, order), key=lambda found: found[0].makespan_s)
    return best[1]


def order_by_load(conflicts: Conflicts, durations: Mapping[str, float]) -> list[str]:
    """Return the targets by the load of their busiest resource, then by the total load of their resources."""
    load = {name: sum(durations[one] for one in users) for name, users in conflicts.users.items()}

    def urgency(target: str) -> tuple[float, float, float]:
        loads = [load[name] for name in conflicts.resources[target]]
        return max(loads, default=0.0), sum(loads), durations[target]

    return sorted(conflicts.targets, key=urgency, reverse=True)


def _list_earlier(order: Sequence[str], target: str) -> list[str]:
    others = [one for one in order if one != target]
    others.insert(order.index(target) // 2, target)
    return others
