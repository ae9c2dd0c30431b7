"""Claims of runs: the parts of an instrument that targets and tasks need exclusively."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.models.claims import name_chip, name_coupling, name_mux
from qdash_core.models.targets import make_coupling_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.chips.topology import Topology
    from qdash_core.models.claims import ClaimUnit
    from qdash_core.scheduling.layout import ModuleWiring


@dataclass(frozen=True, slots=True)
class RunClaim:
    """Claim of a run on the instrument of its chip.

    `resources` names the claimed parts, or is empty for the whole instrument; so is `targets`, the qubits of the run
    and the couplings between them.
    """

    resources: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    def covers(self, targets: Iterable[str]) -> bool:
        """Return whether all qubits and couplings are among the targets; a whole chip, "", is not."""
        return not self.resources or self.targets.issuperset(targets)


WHOLE_INSTRUMENT = RunClaim()


def claim_targets(
    targets: Iterable[str], *, unit: ClaimUnit, chip_id: str, topology: Topology, wiring: ModuleWiring | None
) -> RunClaim:
    """Return the claim of a run on qubits and couplings.

    It contains the units of all its qubits, and their couplings to qubits of other multiplexers: two runs never
    measure coupled qubits at once, since static ZZ would shift each by the state of the other. A target of another
    kind, or a qubit whose unit is unknown, claims the whole instrument. `unit` is the smallest part of the instrument
    that a run can use without disturbing others. `wiring` is None if unknown.
    """
    qids = {qid for target in targets for qid in (split_coupling(target) if "-" in target else (target,))}
    if unit == "instrument" or not qids or not qids.issubset(topology.qids):
        return WHOLE_INSTRUMENT
    list_units = partial(_list_units, unit=unit, chip_id=chip_id, topology=topology, wiring=wiring)
    units_of_qubits = [list_units(qid) for qid in qids]
    if not all(units_of_qubits):
        return WHOLE_INSTRUMENT
    units, muxes = set().union(*units_of_qubits), {topology.get_mux(qid) for qid in qids}
    pairs = {(qid, other) for qid in qids for other in topology.neighbours(qid)}
    inside = {make_coupling_id(*pair) for pair in pairs if qids.issuperset(pair)}
    leaving = {
        name_coupling(make_coupling_id(qid, other), chip_id)
        for qid, other in pairs
        if unit != "chip" and topology.get_mux(other) not in muxes
    }
    return RunClaim(frozenset(units | leaving), frozenset(qids | inside))


def _list_units(
    qid: str, *, unit: ClaimUnit, chip_id: str, topology: Topology, wiring: ModuleWiring | None
) -> set[str]:
    """Return the names of the units that a qubit uses; empty if unknown.

    Modules and boxes come with the multiplexer, so that runs on one multiplexer exclude each other when its wiring is changed between them.
    """
    if unit == "chip":
        return {name_chip(chip_id)}
    mux = topology.get_mux(qid)
    if mux is None:
        return set()
    if unit == "mux":
        return {name_mux(mux, chip_id)}
    if wiring is None:
        return set()
    names = wiring.get_modules(mux) if unit == "module" else wiring.get_boxes(mux)
    return {name_mux(mux, chip_id), *(f"{unit} {name}" for name in names)} if names else set()
