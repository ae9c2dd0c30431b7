"""A chip as it was read, and which qubit controls a coupling of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.chips.wiring import Wiring
from qdash_core.models.targets import qubits_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True)
class Chip:
    """A chip as it stands."""

    header: ChipModel
    qubits: Mapping[str, QubitModel]
    couplings: Mapping[str, CouplingModel]

    @cached_property
    def topology(self) -> Topology:
        """Its qubits and couplings, and where they sit."""
        sites = tuple(Site(qubit.qid, qubit.row, qubit.col, qubit.mux) for qubit in self.qubits.values())
        return Topology(self.header.topology_id, sites, tuple(self.couplings))

    def is_usable(self, coupling: str) -> bool:
        """Whether no person has set aside a coupling or one of its qubits."""
        parts = (self.couplings[coupling], *(self.qubits[qid] for qid in qubits_of(coupling)))
        return all(not part.status.set_aside for part in parts)

    @cached_property
    def wiring(self) -> Wiring | None:
        """What its qubits and multiplexers hang on; None: unknown."""
        return None if self.header.wiring is None else Wiring(self.header.wiring, self.topology)


def read_chip(repositories: Repositories, project_id: str, chip_id: str) -> Chip:
    """Return a chip with its qubits and couplings, as a snapshot or transaction sees it; NotFoundError when there is none."""
    header = repositories.chips.require(project_id, chip_id)
    qubits = {one.qid: one for one in repositories.qubits.of_chip(project_id, chip_id)}
    couplings = {one.qid: one for one in repositories.couplings.of_chip(project_id, chip_id)}
    return Chip(header, qubits, couplings)


def controlling(coupling: CouplingModel) -> str:
    """Return the qubit that controls a coupling: the chosen one, else the one with the lower number."""
    return coupling.control or qubits_of(coupling.qid)[0]
