"""Targets of a flow, in the original's form: they name qubits and couplings of a chip by its id."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from qdash.workflow.service.chip_access import find_chip, read_chip
from qdash_core.flows import targets
from qdash_core.models.targets import by_number, parse_qubit_id, split_coupling

__all__ = ["AllMuxTargets", "CouplingTargets", "MuxTargets", "QubitTargets", "Target"]


@dataclass
class Target(ABC):
    """Qubits or couplings of a chip. Flows may define their own."""

    @abstractmethod
    def to_qids(self, chip_id: str) -> list[str]:
        """Return the qubits."""

    @abstractmethod
    def to_coupling_ids(self, chip_id: str) -> list[str]:
        """Return the couplings, as `CONTROL-TARGET`."""

    def select(self, chip_id: str) -> targets.Targets:
        """Return the qubits in the form of the core, which checks them with the chip."""
        return targets.QubitTargets(self.to_qids(chip_id))


@dataclass
class _QubitsOfChip(Target):
    """Qubits, with the couplings of the chip between them."""

    def to_coupling_ids(self, chip_id: str) -> list[str]:
        """Return the couplings between the qubits, with the lower number first."""
        wanted = set(self.to_qids(chip_id))
        return [one for one in read_chip(chip_id).couplings if wanted.issuperset(split_coupling(one))]


@dataclass
class MuxTargets(_QubitsOfChip):
    """Qubits of multiplexers."""

    mux_ids: list[int]
    exclude_qids: list[str] = field(default_factory=list)

    def to_qids(self, chip_id: str) -> list[str]:
        """Return the qubits of the multiplexers; four to each, in order of number, if the chip is unknown."""
        chip = find_chip(chip_id)
        if chip is not None:
            return sorted(self.select(chip_id).named(chip), key=by_number)
        excluded = {parse_qubit_id(qid) for qid in self.exclude_qids}
        every = [str(4 * int(mux) + place) for mux in self.mux_ids for place in range(4)]
        return sorted(set(every).difference(excluded), key=by_number)

    def select(self, chip_id: str) -> targets.Targets:  # noqa: ARG002  the core asks for the chip
        """Return the multiplexers in the form of the core."""
        return targets.MuxTargets(self.mux_ids, self.exclude_qids)


@dataclass
class QubitTargets(_QubitsOfChip):
    """Named qubits."""

    qids: list[str]

    def to_qids(self, chip_id: str) -> list[str]:  # noqa: ARG002  signature of the original
        """Return the qubits."""
        return [parse_qubit_id(qid) for qid in self.qids]


@dataclass
class CouplingTargets(Target):
    """Named pairs of control and target qubit."""

    pairs: list[tuple[str, str]]

    def to_qids(self, chip_id: str) -> list[str]:  # noqa: ARG002
        """Return the qubits of the pairs."""
        return sorted({parse_qubit_id(qid) for pair in self.pairs for qid in pair}, key=by_number)

    def to_coupling_ids(self, chip_id: str) -> list[str]:  # noqa: ARG002
        """Return the pairs."""
        return ["-".join(map(parse_qubit_id, pair)) for pair in self.pairs]


@dataclass
class AllMuxTargets(_QubitsOfChip):
    """All qubits of the chip."""

    exclude_qids: list[str] = field(default_factory=list)

    def to_qids(self, chip_id: str) -> list[str]:
        """Return the qubits of the chip."""
        return sorted(self.select(chip_id).named(read_chip(chip_id)), key=by_number)

    def select(self, chip_id: str) -> targets.Targets:  # noqa: ARG002
        """Return all qubits in the form of the core."""
        return targets.AllMuxTargets(self.exclude_qids)
