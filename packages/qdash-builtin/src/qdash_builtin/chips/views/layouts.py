"""View models of the layouts and the wiring of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, ValidationError

from qdash_builtin.chips.topology_files import LARGEST_PLACE, parse_topology
from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import WiringModel
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.fault_limit import ENTRY, FewFaults

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology

MOST_QUBITS = 10_000
_TopologyName = Annotated[str, Field(min_length=1, max_length=100)]
_Qid = Annotated[str, Field(min_length=1, max_length=16)]
_Place = Annotated[int, Field(ge=0, le=LARGEST_PLACE)]
_Line = Annotated[str, Field(min_length=1, max_length=64)]


class TopologyHeader(Document):
    """A built-in layout."""

    name: str


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


class MuxLinesDocument(FewFaults, Document):
    """The lines of a multiplexer and its qubits, each as module and port."""

    mux: _Place
    ctrl: Annotated[list[Annotated[_Line, ENTRY]], Field(max_length=1000)]
    """One for each qubit, in ascending order."""
    read_out: _Line
    read_in: _Line
    pump: _Line | None = None


class WiringDocument(FewFaults, Document):
    """The wiring of a chip."""

    lines: Annotated[list[MuxLinesDocument], Field(max_length=MOST_QUBITS)]
    boxes: dict[Annotated[_Line, ENTRY], Annotated[str, Field(pattern=r"^[A-Z]$", max_length=1), ENTRY]] = (
        Field(default={}, max_length=MOST_QUBITS)
    )
    """Module to box class, for modules whose name does not end in that letter."""

    @classmethod
    def from_wiring(cls, wiring: WiringModel) -> Self:
        """Return the view model of a wiring."""
        return cls.model_validate(wiring.model_dump())

    def to_model(self) -> WiringModel:
        """Return the wiring as a model for services."""
        return WiringModel.model_validate(self.model_dump())
