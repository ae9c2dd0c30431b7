"""Selection of the qubits and couplings whose values are listed or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.target_lists import (
    parse_couplings,
    parse_multiplexers,
    parse_qubits,
    require_known_targets,
)
from qdash_core.models.targets import get_target_kind
from qdash_core.repositories.chips import (
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
    get_target_repository,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """Qubits, all qubits of multiplexers, and couplings by name; without names, every qubit and coupling."""

    qubits: tuple[str, ...] = ()
    muxes: tuple[int, ...] = ()
    couplings: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        *,
        qubits: str | Iterable[str] | None = None,
        muxes: str | Iterable[str] | None = None,
        couplings: str | Iterable[str] | None = None,
    ) -> TargetChoice:
        """Parse lists as users write them; raise InvalidInputError if one is invalid."""
        return cls(
            parse_qubits(qubits) if qubits is not None else (),
            parse_multiplexers(muxes) if muxes is not None else (),
            parse_couplings(couplings) if couplings is not None else (),
        )

    def __bool__(self) -> bool:
        """Return whether any target is named."""
        return bool(self.qubits or self.muxes or self.couplings)

    def read(self, repositories: Repositories, header: ChipModel) -> list[QubitModel | CouplingModel]:
        """Read the chosen qubits and couplings of a chip, a single one without the others; raise as `select`."""
        where = header.project_id, header.chip_id
        named = (*self.qubits, *self.couplings)
        if len(named) == 1 and not self.muxes:
            found = get_target_repository(repositories, named[0]).find(*where, named[0])
            if found is not None:
                return [found]
        couplings = (
            repositories.of(CouplingCalibrationRepository).list_by_chip(*where)
            if self.couplings or not self
            else ()
        )
        return self.select(
            header.chip_id, repositories.of(QubitCalibrationRepository).list_by_chip(*where), couplings
        )

    def select(
        self, chip_id: str, qubits: Sequence[QubitModel], couplings: Collection[CouplingModel]
    ) -> list[QubitModel | CouplingModel]:
        """Return the chosen qubits and couplings of a chip.

        Raises
        ------
        NotFoundError
            If the chip does not have one of them.
        """
        if not self:
            return [*qubits, *couplings]
        require_known_targets(
            (*self.qubits, *self.couplings),
            chip_id,
            qubits={one.qid for one in qubits},
            couplings={one.qid for one in couplings},
        )
        known = {one.mux for one in qubits}
        for mux in self.muxes:
            if mux not in known:
                raise NotFoundError(f"chip {chip_id} has no multiplexer {mux}")
        named = {*self.qubits, *self.couplings}
        return [
            *(one for one in qubits if one.qid in named or one.mux in self.muxes),
            *(one for one in couplings if one.qid in named),
        ]


def require_target(repositories: Repositories, header: ChipModel, qid: str) -> QubitModel | CouplingModel:
    """Return a qubit or coupling of a chip; raise NotFoundError if there is none with this id."""
    where = header.project_id, header.chip_id, qid
    found = get_target_repository(repositories, qid).find(*where)
    if found is None:
        kind = get_target_kind(qid)
        raise NotFoundError(
            f"chip {header.chip_id} has no {kind} {qid}; `qdash chip show {header.chip_id}` lists its qubits and couplings"
        )
    return found
