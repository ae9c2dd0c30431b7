"""Chips."""

from __future__ import annotations

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId
from qdash_api.guarding.routes import Routes
from qdash_core.documents.chips import ChipDocument

routes = Routes("chips")


@routes.get("/chips/{chip_id}", needs=Needs.VIEWER, answers=ChipDocument, versioned=True)
def show_chip(call: Call, chip_id: ChipId) -> ChipDocument:
    """The chip with its qubits and couplings."""
    return ChipDocument.whole(call.qdash.chips.show(call.access, chip_id))
