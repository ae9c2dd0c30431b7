"""Topology of a chip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import by_number, parse_coupling_id, parse_qubit_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Site:
    """Position of one qubit on the chip.

    `row` and `col` are its place on the chip, with row 0 at the top, or None if unknown. `mux` is the readout
    multiplexer that it shares with others, or None if unknown or read out alone.
    """

    id: str
    row: int | None = None
    col: int | None = None
    mux: int | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """The layout of a chip, with its name as in `topology_id` of the chip.

    Each qubit and each coupling id is there once, in order of number.
    """

    name: str
    qubits: tuple[Site, ...]
    couplings: tuple[str, ...]
    # Schedulers need the neighbours and multiplexers of every qubit, so both are computed once.
    _sites: dict[str, Site] = field(init=False, repr=False, compare=False)
    _neighbours: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _members: dict[int, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        neighbours: dict[str, list[str]] = {site.id: [] for site in self.qubits}
        for coupling in self.couplings:
            a, b = split_coupling(coupling)
            neighbours[a].append(b)
            neighbours[b].append(a)
        members: dict[int, list[str]] = {}
        for site in self.qubits:
            if site.mux is not None:
                members.setdefault(site.mux, []).append(site.id)
        object.__setattr__(self, "_sites", {site.id: site for site in self.qubits})
        object.__setattr__(
            self, "_neighbours", {qid: tuple(sorted(near, key=by_number)) for qid, near in neighbours.items()}
        )
        object.__setattr__(self, "_members", {mux: tuple(members[mux]) for mux in sorted(members)})

    @property
    def qids(self) -> tuple[str, ...]:
        """Every qubit id, in order of number."""
        return tuple(site.id for site in self.qubits)

    @property
    def muxes(self) -> tuple[int, ...]:
        """Every multiplexer, in order of number."""
        return tuple(self._members)

    def site(self, qid: str) -> Site:
        """Return the site of a qubit; NotFoundError if the chip has no such qubit."""
        try:
            return self._sites[qid]
        except KeyError:
            raise NotFoundError(
                f"topology {self.name!r} has no qubit {qid!r}; {self._describe_size()}"
            ) from None

    def neighbours(self, qid: str) -> tuple[str, ...]:
        """Return the qubits that are coupled to `qid`, in order of number."""
        return self._neighbours[self.site(qid).id]

    def get_mux(self, qid: str) -> int | None:
        """Return the multiplexer of a qubit, or None if unknown or read out alone."""
        return self.site(qid).mux

    def members(self, mux: int) -> tuple[str, ...]:
        """Return the qubits of a multiplexer, in order of number; NotFoundError if there is none."""
        try:
            return self._members[mux]
        except KeyError:
            known = f"it has {self.muxes[0]} to {self.muxes[-1]}" if self.muxes else "it names none"
            raise NotFoundError(f"topology {self.name!r} has no multiplexer {mux}; {known}") from None

    def to_document(self) -> dict[str, Any]:
        """Return the topology in the format of a topology file."""
        return {
            "name": self.name,
            "qubits": [
                {"id": site.id, "row": site.row, "col": site.col, "mux": site.mux} for site in self.qubits
            ],
            "couplings": [list(split_coupling(coupling)) for coupling in self.couplings],
        }

    def _describe_size(self) -> str:
        return f"its {len(self.qubits)} qubits are {self.qubits[0].id} to {self.qubits[-1].id}"


def make_topology(name: str, qids: Iterable[str], couplings: Iterable[str]) -> Topology:
    """Return a topology from qubits and couplings alone, without positions and multiplexers.

    Qubits and couplings may be in any order, couplings in either direction; repeated pairs count as one coupling.

    Raises
    ------
    InvalidInputError
        If a qubit or coupling id is malformed, a coupling names an unknown qubit, or there is no qubit.
    """
    known = dict.fromkeys(sorted({parse_qubit_id(qid) for qid in qids}, key=by_number))
    if not known:
        raise InvalidInputError(f"topology {name!r} has no qubits")
    pairs = sorted({parse_coupling_id(coupling) for coupling in couplings}, key=by_number)
    for pair in pairs:
        for qid in split_coupling(pair):
            if qid not in known:
                raise InvalidInputError(
                    f"topology {name!r}: coupling {pair} names the qubit {qid}, which it does not have"
                )
    return Topology(name, tuple(Site(qid) for qid in known), tuple(pairs))
