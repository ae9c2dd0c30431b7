"""Conflict rules of couplings and qubits: the resources that each needs exclusively."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.targets import make_coupling_id, split_coupling
from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.chips.topology import Topology
    from qdash_core.scheduling.collisions import DrivenCouplings
    from qdash_core.scheduling.layout import ModuleWiring


def make_coupling_conflicts(
    couplings: Sequence[str],
    topology: Topology,
    *,
    one_of_each_mux: bool = True,
    wiring: ModuleWiring | None = None,
    spectators: bool = False,
    driven: DrivenCouplings | None = None,
    max_parallel: int | None = None,
) -> Conflicts:
    """Return the conflicts of couplings: each occupies its qubits, or with `one_of_each_mux` their multiplexers.

    The couplings are in the order of the plan. With `wiring`, a coupling also occupies the modules of its
    multiplexers. With `spectators`, couplings that are one coupling apart are in conflict: a qubit of one is then a
    spectator of the other, and static ZZ shifts both (Sundaresan et al., PRX Quantum 1, 020318 (2020)). With
    `driven`, they are if the drive of one is close to a transition of the other. `max_parallel` is the largest number
    of couplings measured at once.
    """
    occupied = {
        coupling: frozenset().union(
            *(
                _list_line_resources(qid, topology, one_of_each_mux=one_of_each_mux, wiring=wiring)
                for qid in split_coupling(coupling)
            )
        )
        for coupling in couplings
    }
    if spectators:
        _extend(occupied, {coupling: _list_surrounding_qubits(coupling, topology) for coupling in couplings})
    if driven is not None:
        _extend(occupied, driven.list_collisions(couplings, topology))
    return Conflicts(occupied, max_parallel)


def make_qubit_conflicts(
    qids: Sequence[str],
    topology: Topology,
    *,
    isolated: bool = True,
    one_of_each_mux: bool = False,
    wiring: ModuleWiring | None = None,
    max_parallel: int | None = None,
) -> Conflicts:
    """Return the conflicts of qubits, which are in the order of the plan.

    With `isolated`, coupled qubits are separated: static ZZ would shift each by the state of the other. With
    `one_of_each_mux`, a multiplexer reads out one qubit at a time; multiplexed readout needs no such rule. With
    `wiring`, a module serves one qubit at a time. `max_parallel` is the largest number of qubits measured at once.
    """
    occupied = {
        qid: frozenset(f"ZZ {make_coupling_id(qid, other)}" for other in topology.neighbours(qid) if isolated)
        for qid in qids
    }
    if one_of_each_mux or wiring is not None:
        lines = {
            qid: _list_line_resources(qid, topology, one_of_each_mux=one_of_each_mux, wiring=wiring)
            for qid in qids
        }
        _extend(occupied, lines)
    return Conflicts(occupied, max_parallel)


def _list_line_resources(
    qid: str, topology: Topology, *, one_of_each_mux: bool, wiring: ModuleWiring | None
) -> frozenset[str]:
    mux = topology.get_mux(qid)
    modules = wiring.get_modules(mux) if wiring is not None and mux is not None else ()
    alone = f"mux {mux}" if one_of_each_mux and mux is not None else f"qubit {qid}"
    return frozenset({alone, *(f"module {module}" for module in modules)})


def _list_surrounding_qubits(coupling: str, topology: Topology) -> frozenset[str]:
    # All couplings that touch one of the two ends of a coupling share a qubit or are one coupling apart: a clique, and so
    # one resource.
    return frozenset(
        f"surroundings of {make_coupling_id(qid, other)}"
        for qid in split_coupling(coupling)
        for other in topology.neighbours(qid)
    )


def _extend(occupied: dict[str, frozenset[str]], more: Mapping[str, Iterable[str]]) -> None:
    for target, resources in more.items():
        occupied[target] |= frozenset(resources)
