"""View models of layouts of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, ValidationError

from qdash_core.chips.topology import LARGEST_PLACE
from qdash_core.chips.topology_files import parse_topology
from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.fault_limit import ENTRY, FewFaults

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology

MOST_QUBITS = 10_000
_TopologyName = Annotated[str, Field(min_length=1, max_length=100)]
_Qid = Annotated[str, Field(min_length=1, max_length=16)]
_Place = Annotated[int, Field(ge=0, le=LARGEST_PLACE)]


class SiteDocument(FewFaults, ExplicitDocument):
    """A qubit and its position; unknown coordinates are null."""

    id: _Qid
    row: _Place | None
    col: _Place | None
    mux: _Place | None
    """The readout multiplexer that it shares; null if unknown or read out alone."""


class TopologyDocument(FewFaults, Document):
    """The layout of a chip: its qubits and couplings."""

    name: _TopologyName
    qubits: Annotated[list[SiteDocument], Field(min_length=1, max_length=MOST_QUBITS)]
    couplings: Annotated[list[Annotated[tuple[_Qid, _Qid], ENTRY]], Field(max_length=10 * MOST_QUBITS)]

    def to_topology(self) -> Topology:
        """Return the layout; raise InvalidInputError if it is none."""
        return parse_topology(self.model_dump(mode="json"))

    @classmethod
    def from_topology(cls, topology: Topology) -> Self:
        """Return the view model of a layout; raise InvalidInputError if a layout of a file exceeds its limits."""
        try:
            return cls.model_validate(topology.to_document())
        except ValidationError as error:
            place, message = find_first_error(error)
            raise InvalidInputError(f"topology {topology.name[:100]!r}: {place}: {message}") from None
