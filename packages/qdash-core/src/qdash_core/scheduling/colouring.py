"""Which targets may be measured together: a colouring of the graph of those that may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from qdash_core.chips.ids import by_number, qubits_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.topology import Topology


class Scheduler(Protocol):
    """Sorts targets into groups, each of which may be measured in one go."""

    @property
    def name(self) -> str:
        """Name of the strategy."""

    @property
    def kind(self) -> Literal["qubit", "coupling"]:
        """What it sorts."""

    def groups(self, targets: Sequence[str], topology: Topology) -> list[list[str]]:
        """Return every target in exactly one group, none of which holds two targets in conflict."""


class UncoupledQubits:
    """Coupled qubits are never in one group: static ZZ would shift each by the state of the other."""

    name = "uncoupled"
    kind: Literal["qubit"] = "qubit"

    def groups(self, targets: Sequence[str], topology: Topology) -> list[list[str]]:
        wanted = set(targets)
        conflicts = {qid: wanted.intersection(topology.neighbours(qid)) for qid in targets}
        return colour(conflicts)


class DisjointCouplings:
    """Couplings in one group share neither a qubit nor a multiplexer."""

    name = "disjoint"
    kind: Literal["coupling"] = "coupling"

    def groups(self, targets: Sequence[str], topology: Topology) -> list[list[str]]:
        uses = {coupling: _resources(coupling, topology) for coupling in targets}
        conflicts = {
            one: {other for other in targets if other != one and uses[one] & uses[other]} for one in targets
        }
        return colour(conflicts)


def colour(conflicts: Mapping[str, set[str]]) -> list[list[str]]:
    """Sort nodes into groups without conflicts, the most constrained node first.

    Brelaz, Commun. ACM 22, 251 (1979): saturation order, exact on bipartite graphs, such as heavy-hex lattices.

    Parameters
    ----------
    conflicts : mapping of str to set of str
        Node to the nodes it may not be together with.

    Returns
    -------
    list of list of str
        The groups, and in each the nodes by number.
    """
    colours: dict[str, int] = {}
    while len(colours) < len(conflicts):
        node = max(
            (node for node in conflicts if node not in colours),
            key=lambda node: (
                len({colours[other] for other in conflicts[node] if other in colours}),
                len(conflicts[node]),
            ),
        )
        taken = {colours[other] for other in conflicts[node] if other in colours}
        colours[node] = next(number for number in range(len(conflicts)) if number not in taken)
    groups: list[list[str]] = [[] for _ in range(max(colours.values(), default=-1) + 1)]
    for node, number in colours.items():
        groups[number].append(node)
    return [sorted(group, key=by_number) for group in groups]


def _resources(coupling: str, topology: Topology) -> set[tuple[str, str | int]]:
    qubits = qubits_of(coupling)
    muxes = (topology.mux_of(qid) for qid in qubits)
    return {("qubit", qid) for qid in qubits} | {("mux", mux) for mux in muxes if mux is not None}
