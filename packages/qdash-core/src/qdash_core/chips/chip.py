"""Chips with their header, qubits and couplings, with or without values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.chips.wiring import Wiring
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.target_lists import require_known_targets
from qdash_core.models.targets import split_coupling
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.models.marks import Marks
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True)
class Chip:
    """A chip with its qubits and couplings.

    Its targets have the values in use. `judgement` has the trust of the values and fitness of the targets, if they
    were requested.
    """

    header: ChipModel
    qubits: Mapping[str, QubitModel]
    couplings: Mapping[str, CouplingModel]
    judgement: Judgement = field(default_factory=Judgement, compare=False)

    def judge(self, judgement: Judgement) -> Chip:
        """Return the chip with its judgement, from which the statuses of its targets follow. It is for views: no status is stored."""
        return replace(
            self,
            judgement=judgement,
            qubits={qid: judgement.show(one) for qid, one in self.qubits.items()},
            couplings={qid: judgement.show(one) for qid, one in self.couplings.items()},
        )

    @property
    def marks(self) -> Marks:
        """Marks of the values by target and parameter, if the judgement was requested."""
        return self.judgement.marks

    @cached_property
    def topology(self) -> Topology:
        """Qubits and couplings of the chip with their positions."""
        sites = tuple(Site(qubit.qid, qubit.row, qubit.col, qubit.mux) for qubit in self.qubits.values())
        return Topology(self.header.topology_id, sites, tuple(self.couplings))

    def require_targets(self, targets: Iterable[str]) -> None:
        """Raise NotFoundError if one of the qubits and couplings is not on the chip."""
        require_known_targets(targets, self.header.chip_id, qubits=self.qubits, couplings=self.couplings)

    def is_usable(self, coupling: str) -> bool:
        """Return whether neither the coupling nor one of its qubits has been set aside by a user."""
        parts = (self.couplings[coupling], *(self.qubits[qid] for qid in split_coupling(coupling)))
        return all(not part.status.set_aside for part in parts)

    @cached_property
    def wiring(self) -> Wiring | None:
        """Wiring of its qubits and multiplexers, or None where it is unknown."""
        return None if self.header.wiring is None else Wiring(self.header.wiring, self.topology)


def read_chip_version(repositories: Repositories, project_id: str, chip_id: str) -> tuple[datetime, int]:
    """Return the version of a chip: the last change of its header, and the number of the newest event.

    The number is 0 if no event is on record; then changes cannot be detected.
    """
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    return header.changed_at, repositories.of(EventRepository).get_last_seq(project_id)


def read_chip(repositories: Repositories, project_id: str, chip_id: str) -> Chip:
    """Return a chip with its qubits and couplings; NotFoundError if there is none."""
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    qubits = {
        one.qid: one for one in repositories.of(QubitCalibrationRepository).list_by_chip(project_id, chip_id)
    }
    couplings = {
        one.qid: one
        for one in repositories.of(CouplingCalibrationRepository).list_by_chip(project_id, chip_id)
    }
    return Chip(header, qubits, couplings)
