"""Scheduling strategies for couplings: greedy, by structure, by a solver, or the best of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.scheduling.colouring import Colouring, list_barriers
from qdash_scheduling.bounds import Bound, find_largest_clique, find_lower_bound, quick_bound
from qdash_scheduling.edges import colour_bipartite, colour_edges
from qdash_scheduling.exact import NoSchedule, solve
from qdash_scheduling.greedy import colour_by_degree, colour_by_saturation
from qdash_scheduling.instance import make_problem
from qdash_scheduling.search import SearchBudget, place_all

if TYPE_CHECKING:
    from qdash_core.models.targets import TargetKind
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout
    from qdash_scheduling.classes import ColourClasses
    from qdash_scheduling.instance import ColouringProblem


_LOOKS_A_SECOND = 1_000_000
"""Looks at a pair of a target and a class in a second of computing (c): turns a budget of time into one of work."""
_LOOKS_A_PAIR = 2_000
"""Looks at each pair after which a small problem has been turned over often enough (c)."""
_NODES = 2_000
"""Nodes of a solver's search tree before the question stays open."""


@dataclass(frozen=True)
class LargestFirstStrategy:
    """Strategy that places the targets with the most conflicts first."""

    name = "largest-first"
    kind: TargetKind = "coupling"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        instance = make_problem(conflicts)
        return _answer(self.name, colour_by_degree(instance))


@dataclass(frozen=True)
class SaturationStrategy:
    """Strategy that places the target with the fewest remaining groups first."""

    name = "saturation"
    kind: TargetKind = "coupling"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        instance = make_problem(conflicts)
        return _answer(self.name, colour_by_saturation(instance))


@dataclass(frozen=True)
class BipartiteStrategy:
    """Strategy that is exact for bipartite resources or conflicts, and otherwise uses saturation without a proof."""

    name = "bipartite"
    kind: TargetKind = "coupling"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        instance = make_problem(conflicts)
        return _answer(self.name, colour_by_structure(instance) or colour_by_saturation(instance))


@dataclass(frozen=True)
class BestStrategy:
    """Best result of all strategies, improved by a search until a bound is reached or the budget is used up.

    Parameters
    ----------
    kind : {"qubit", "coupling"}
        Kind of the targets.
    budget_s : float
        Approximate computing time in seconds. It is counted in work, so that the result is the same on every machine.
    """

    name = "best"
    kind: TargetKind = "coupling"
    budget_s: float = 5.0

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        classes, bound = find_best_classes(make_problem(conflicts), self.budget_s)
        return Colouring(classes.list_groups(), bound.groups, bound.reason, self.name)


@dataclass(frozen=True)
class GroupByGroupStrategy:
    """Strategy with the groups of `best`, one after another: each waits for the end of the one before."""

    name = "group-by-group"
    kind: TargetKind = "coupling"

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        found = BestStrategy(self.kind).colour(conflicts, layout)
        return replace(found, strategy=self.name, barriers=list_barriers(found.groups), ordered=True)


@dataclass(frozen=True)
class ExactStrategy:
    """Best strategy, followed by a solver with a time limit that finds fewer groups or proves that there are
    none.

    Parameters
    ----------
    kind : {"qubit", "coupling"}
        What it sorts.
    time_limit_s : float
        Seconds for the solver. The tree is limited as well, and as a rule ends first.
    """

    name = "exact"
    kind: TargetKind = "coupling"
    time_limit_s: float = 60.0

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:  # noqa: ARG002
        instance = make_problem(conflicts)
        classes, bound = find_best_classes(instance, BestStrategy.budget_s / 5)
        clique = sorted(find_largest_clique(instance)) if bound.groups < len(classes) else []
        while bound.groups < len(classes):
            found = solve(
                instance, bound.groups, clique, time_limit_s=self.time_limit_s / len(classes), nodes=_NODES
            )
            if found is NoSchedule.UNDECIDED:
                break
            if isinstance(found, NoSchedule):
                reason = f"a solver has proved that there is no schedule of {bound.groups} groups"
                bound = Bound(bound.groups + 1, reason)
            else:
                classes = found
        return Colouring(classes.list_groups(), bound.groups, bound.reason, self.name)


def colour_by_structure(instance: ColouringProblem) -> ColourClasses | None:
    """Return a colouring that follows from the structure alone, or None for other structures."""
    if instance.is_multigraph:
        classes = colour_edges(instance, quick_bound(instance).groups)
        if not classes.unplaced:
            return classes
    return colour_bipartite(instance)


def find_best_classes(instance: ColouringProblem, budget_s: float) -> tuple[ColourClasses, Bound]:
    """Return the best colouring within a budget, and the bound it is compared with."""
    classes = colour_by_structure(instance)
    bound = quick_bound(instance)
    if classes is None or len(classes) > bound.groups:
        rival = colour_by_saturation(instance)
        classes = rival if classes is None or len(rival) < len(classes) else classes
        bound = find_lower_bound(instance, enough=len(classes))
    pairs = len(instance.targets) * len(classes)
    budget = SearchBudget(min(int(budget_s * _LOOKS_A_SECOND), _LOOKS_A_PAIR * pairs))
    return _dissolve_classes(classes, bound, budget), bound


def _dissolve_classes(classes: ColourClasses, bound: Bound, budget: SearchBudget) -> ColourClasses:
    """Dissolve the smallest class repeatedly, while its targets find other classes."""
    while len(classes) > bound.groups:
        attempt = _copy(classes)
        sizes = [len(members) for members in attempt.members]
        attempt.drop(sizes.index(min(sizes)))
        if not place_all(attempt, budget):
            break
        classes = attempt
    return classes


def _copy(classes: ColourClasses) -> ColourClasses:
    copy = type(classes)(classes.instance, len(classes))
    for number, members in enumerate(classes.members):
        for target in members:
            copy.put(target, number)
    return copy


def _answer(name: str, classes: ColourClasses) -> Colouring:
    bound = find_lower_bound(classes.instance, enough=len(classes))
    return Colouring(classes.list_groups(), bound.groups, bound.reason, name)


COLOURINGS = (
    BestStrategy(),
    BipartiteStrategy(),
    ExactStrategy(),
    GroupByGroupStrategy(),
    LargestFirstStrategy(),
    SaturationStrategy(),
)
"""Built-in strategies for couplings."""
