"""Measurement schedules of couplings: groups, lower bound and time, against networkx's greedy colourings of
the same conflicts.

networkx has no limit on the targets of a group: its colours are cut into pieces of that size. The conflict
graph is built beforehand, for both. `python -m benchmarks.schedules` prints only the table.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.table import Row
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.scheduling.rules import make_coupling_conflicts
from qdash_scheduling.strategies import BestStrategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qdash_core.scheduling.conflicts import Conflicts

SIZES = (64, 144, 256, 1024)
LARGE = 10_000
PARALLEL = 10
_GREEDY = {"largest first": "largest_first", "saturation": "DSATUR"}
"""Greedy strategies: name in the table, and name in networkx."""
_LARGEST_DSATUR = 256
"""Largest number of qubits for networkx's saturation, which is quadratic and takes half a minute or more
beyond.
"""


class SharedModules:
    """Wiring of a laboratory: control modules shared by two multiplexers, and readout modules shared by
    three.
    """

    def get_modules(self, mux: int) -> frozenset[str]:
        return frozenset({f"U{mux // 2}A", f"R{mux // 3}A"})

    def get_boxes(self, mux: int) -> frozenset[str]:
        return frozenset({"A"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One scheduling problem, solved by QDash and by networkx.

    Parameters
    ----------
    what : str
        The problem.
    couplings, groups, bound : int
        Number of couplings and of groups, and the lower bound on the number of groups.
    seconds : float
        Time for conflicts, groups and bounds together.
    greedy : mapping of str to (int, float)
        Groups and seconds by greedy strategy.
    """

    what: str
    couplings: int
    groups: int
    bound: int
    seconds: float
    greedy: Mapping[str, tuple[int, float]]


def comparisons(sizes: Sequence[int] = (*SIZES, LARGE)) -> Iterator[Comparison]:
    """Yield one comparison per chip, rule and limit."""
    for size in sizes:
        chip = get_builtin_topology(f"square-lattice-mux-{size}")
        rules = {
            "": {},
            ", modules shared": {"wiring": SharedModules()},
            ", spectators": {"spectators": True},
        }
        for label, rule in rules.items():
            for limit in (None, PARALLEL):
                begun = time.perf_counter()
                conflicts = make_coupling_conflicts(chip.couplings, chip, max_parallel=limit, **rule)
                found = BestStrategy().colour(conflicts)
                seconds = time.perf_counter() - begun
                yield Comparison(
                    f"{chip.name}{label}{'' if limit is None else f', {limit} at once'}",
                    len(chip.couplings),
                    len(found.groups),
                    found.lower_bound,
                    seconds,
                    {
                        name: _greedy(conflicts, strategy)
                        for name, strategy in _GREEDY.items()
                        if strategy != "DSATUR" or size <= _LARGEST_DSATUR
                    },
                )


def rows(sizes: Sequence[int] = SIZES) -> list[Row]:
    """Return the groups as rows; the ratio refers to the better strategy of networkx."""
    made: list[Row] = []
    for one in comparisons(sizes):
        rival = min(groups for groups, _ in one.greedy.values())
        label = f"schedule of {one.what} (bound {one.bound}, {one.seconds:.2f} s)"
        made.append(Row(label, "groups", one.groups, one.groups, one.groups, against=[rival]))
    return made


def lines(found: Iterable[Comparison]) -> Iterator[str]:
    """Yield comparisons as lines of Markdown, each as soon as it is available."""
    yield f"| chip and rules | couplings | bound | QDash | {' | '.join(f'networkx {name}' for name in _GREEDY)} |"
    yield f"|---|---|---|---|{'---|' * len(_GREEDY)}"
    for one in found:
        rivals = (one.greedy.get(name) for name in _GREEDY)
        shown = " | ".join("" if rival is None else f"{rival[0]} in {rival[1]:.2f} s" for rival in rivals)
        yield f"| {one.what} | {one.couplings} | {one.bound} | {one.groups} in {one.seconds:.2f} s | {shown} |"


def _greedy(conflicts: Conflicts, strategy: str) -> tuple[int, float]:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(conflicts.targets)
    graph.add_edges_from((one, other) for one, others in conflicts.neighbours.items() for other in others)
    begun = time.perf_counter()
    colours = nx.greedy_color(graph, strategy)
    seconds = time.perf_counter() - begun
    sizes: dict[int, int] = {}
    for colour in colours.values():
        sizes[colour] = sizes.get(colour, 0) + 1
    limit = conflicts.max_parallel or len(colours)
    return sum(-(-size // limit) for size in sizes.values()), seconds


if __name__ == "__main__":
    for line in lines(comparisons()):
        print(line, flush=True)
