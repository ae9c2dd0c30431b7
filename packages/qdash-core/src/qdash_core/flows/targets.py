"""What a flow runs on: qubits, the qubits of multiplexers, or couplings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qdash_core.chips.ids import by_number, coupling_id, qubit_id
from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.service import Chip


class Targets(Protocol):
    """Names targets without knowing the chip yet."""

    def resolve(self, chip: Chip) -> list[str]:
        """Return the ids on this chip, by number, without those that a person has excluded or called dead.

        Raises
        ------
        NotFoundError
            If the chip does not have one that was named.
        """


@dataclass(frozen=True, slots=True)
class QubitTargets:
    """The named qubits; labels such as `Q07` are normalised."""

    qids: Sequence[str]
    exclude_qids: Sequence[str] = ()

    def resolve(self, chip: Chip) -> list[str]:
        named = [qubit_id(qid) for qid in self.qids]
        for qid in named:
            if qid not in chip.qubits:
                raise NotFoundError(f"chip {chip.header.chip_id} has no qubit {qid!r}")
        return _usable(named, self.exclude_qids, chip)


@dataclass(frozen=True, slots=True)
class MuxTargets:
    """The qubits of the named multiplexers."""

    mux_ids: Sequence[int]
    exclude_qids: Sequence[str] = ()

    def resolve(self, chip: Chip) -> list[str]:
        members: list[str] = []
        for mux in self.mux_ids:
            found = [qubit.qid for qubit in chip.qubits.values() if qubit.mux == int(mux)]
            if not found:
                raise NotFoundError(f"chip {chip.header.chip_id} has no multiplexer {mux}")
            members.extend(found)
        return _usable(members, self.exclude_qids, chip)


@dataclass(frozen=True, slots=True)
class AllMuxTargets:
    """Every qubit of the chip."""

    exclude_qids: Sequence[str] = ()

    def resolve(self, chip: Chip) -> list[str]:
        return _usable(list(chip.qubits), self.exclude_qids, chip)


@dataclass(frozen=True, slots=True)
class CouplingTargets:
    """The named couplings, as `"0-1"` or pairs; none named: every coupling of the chip."""

    couplings: Sequence[str | tuple[str, str]] = ()

    def resolve(self, chip: Chip) -> list[str]:
        named = [coupling_id(item if isinstance(item, str) else "-".join(item)) for item in self.couplings]
        for coupling in named:
            if coupling not in chip.couplings:
                raise NotFoundError(f"chip {chip.header.chip_id} has no coupling {coupling!r}")
        wanted = named or list(chip.couplings)
        return sorted({coupling for coupling in wanted if chip.is_usable(coupling)}, key=by_number)


def _usable(named: Sequence[str], excluded: Sequence[str], chip: Chip) -> list[str]:
    left_out = {qubit_id(qid) for qid in excluded}
    for qid in left_out - set(chip.qubits):
        raise NotFoundError(f"chip {chip.header.chip_id} has no qubit {qid!r} to leave out")
    usable = {qid for qid in named if qid not in left_out and not chip.qubits[qid].status.set_aside}
    if not usable:
        raise InvalidInputError(f"no qubit of chip {chip.header.chip_id} is left to run on")
    return sorted(usable, key=by_number)
