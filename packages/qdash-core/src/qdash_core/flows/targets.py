"""What a flow runs on: qubits, the qubits of multiplexers, or couplings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.flows.left_out import in_words, set_aside
from qdash_core.models.targets import by_number, coupling_id, qubit_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.request import TargetSelection


class Targets(ABC):
    """Names targets without knowing the chip yet."""

    kind: ClassVar[Literal["qubit", "coupling"]] = "qubit"

    @abstractmethod
    def named(self, chip: Chip) -> list[str]:
        """Return the ids on this chip, those that a person has set aside included.

        Raises
        ------
        NotFoundError
            If the chip does not have one that was named.
        """

    def resolve(self, chip: Chip) -> list[str]:
        """Return the ids on this chip, by number, without those that a person has excluded or called dead.

        Raises
        ------
        NotFoundError
            If the chip does not have one that was named.
        InvalidInputError
            If none is left; it says why.
        """
        aside = self.left_out(chip)
        usable = set(self.named(chip)).difference(aside)
        if not usable:
            why = f": {in_words(aside, briefly=True)}" if aside else ""
            raise InvalidInputError(f"no {self.kind} of chip {chip.header.chip_id} is left to run on{why}")
        return sorted(usable, key=by_number)

    def left_out(self, chip: Chip) -> dict[str, str]:
        """Return those that a person has set aside, each with the reason. Raises as `named`."""
        return set_aside(self.named(chip), chip)


@dataclass(frozen=True, slots=True)
class QubitTargets(Targets):
    """The named qubits; labels such as `Q07` are normalised."""

    qids: Sequence[str]
    exclude_qids: Sequence[str] = ()

    def named(self, chip: Chip) -> list[str]:
        named = [qubit_id(qid) for qid in self.qids]
        for qid in named:
            if qid not in chip.qubits:
                raise NotFoundError(f"chip {chip.header.chip_id} has no qubit {qid!r}")
        return _without(self.exclude_qids, named, chip)


@dataclass(frozen=True, slots=True)
class MuxTargets(Targets):
    """The qubits of the named multiplexers."""

    mux_ids: Sequence[int]
    exclude_qids: Sequence[str] = ()

    def named(self, chip: Chip) -> list[str]:
        members: list[str] = []
        for mux in self.mux_ids:
            found = [qubit.qid for qubit in chip.qubits.values() if qubit.mux == int(mux)]
            if not found:
                raise NotFoundError(f"chip {chip.header.chip_id} has no multiplexer {mux}")
            members.extend(found)
        return _without(self.exclude_qids, members, chip)


@dataclass(frozen=True, slots=True)
class AllMuxTargets(Targets):
    """Every qubit of the chip."""

    exclude_qids: Sequence[str] = ()

    def named(self, chip: Chip) -> list[str]:
        return _without(self.exclude_qids, list(chip.qubits), chip)


@dataclass(frozen=True, slots=True)
class CouplingTargets(Targets):
    """The named couplings, as `"0-1"` or pairs; none named: every coupling of the chip."""

    couplings: Sequence[str | tuple[str, str]] = ()
    kind: ClassVar[Literal["qubit", "coupling"]] = "coupling"

    def named(self, chip: Chip) -> list[str]:
        named = [coupling_id(item if isinstance(item, str) else "-".join(item)) for item in self.couplings]
        for coupling in named:
            if coupling not in chip.couplings:
                raise NotFoundError(f"chip {chip.header.chip_id} has no coupling {coupling!r}")
        return named or list(chip.couplings)


def _without(excluded: Sequence[str], named: Sequence[str], chip: Chip) -> list[str]:
    left_out = {qubit_id(qid) for qid in excluded}
    for qid in left_out - set(chip.qubits):
        raise NotFoundError(f"chip {chip.header.chip_id} has no qubit {qid!r} to leave out")
    return [qid for qid in named if qid not in left_out]


def targets_of(selection: TargetSelection) -> Targets:
    """Return what somebody has selected as flows take it."""
    if selection.couplings is not None:
        return CouplingTargets(selection.couplings)
    if selection.muxes is not None:
        return MuxTargets(selection.muxes, selection.exclude)
    if selection.qubits is not None:
        return QubitTargets(selection.qubits, selection.exclude)
    return AllMuxTargets(selection.exclude)
