"""View models of the wiring of chips, and of the names of layouts."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from qdash_core.chips.topology import LARGEST_PLACE
from qdash_core.documents.base import Document
from qdash_core.documents.layouts import MOST_QUBITS
from qdash_core.models.chip import WiringModel
from qdash_core.models.fault_limit import ENTRY, FewFaults

_Place = Annotated[int, Field(ge=0, le=LARGEST_PLACE)]
_Line = Annotated[str, Field(min_length=1, max_length=64)]


class TopologyHeader(Document):
    """A built-in layout."""

    name: str


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
