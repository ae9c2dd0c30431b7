"""Qubits that are connected to a resource of the laboratory: a multiplexer, a line, a module, or the whole chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.resources import Resource, ResourceKind
from qdash_core.chips.chip import read_chip
from qdash_core.chips.wiring import get_line_module
from qdash_core.errors import NotFoundError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import Line
    from qdash_core.repositories.repositories import Repositories

_LINES: tuple[Line, Line] = ("readout", "drive")


def find_connected_qubits(
    repositories: Repositories, project_id: str, chip_id: str, resource: Resource
) -> dict[str, frozenset[Line]]:
    """Return the qubits of a chip that are connected to a resource, each with the lines that belong to it.

    A multiplexer belongs to the readout of its qubits, a line to readout or drive as the wiring says, a module to both.

    Raises
    ------
    NotFoundError
        If there is no such chip, or it has no such multiplexer, or its wiring no such line or module.
    """
    chip = read_chip(repositories, project_id, chip_id)
    found: dict[str, frozenset[Line]] = {}
    known: dict[Resource, None] = {}
    for one, qid, line in _iter_connections(chip):
        known[one] = None
        if one == resource:
            found[qid] = found.get(qid, frozenset()) | {line}
    if not found:
        names = [one.name for one in known if one.kind is resource.kind]
        hint = suggest(resource.name, names, otherwise="" if names else " (its wiring is unknown)")
        raise NotFoundError(f"chip {chip.header.chip_id} has no {resource}{hint}")
    return found


def _iter_connections(chip: Chip) -> Iterator[tuple[Resource, str, Line]]:
    """Yield each resource with a qubit and the line of the qubit that belongs to it."""
    for qid in chip.qubits:
        for line in _LINES:
            yield Resource(ResourceKind.CHIP, ""), qid, line
    for mux in chip.topology.muxes:
        for qid in chip.topology.members(mux):
            yield Resource(ResourceKind.MULTIPLEXER, str(mux)), qid, "readout"
    for lines in () if chip.wiring is None else chip.wiring.model.lines:
        members = chip.topology.members(lines.mux)
        drives = zip(members, lines.ctrl, strict=True)
        readouts = (
            (qid, one) for qid in members for one in (lines.read_out, lines.read_in, lines.pump) if one
        )
        for line, connected in zip(_LINES, (readouts, drives), strict=True):
            for qid, name in connected:
                yield Resource(ResourceKind.LINE, name), qid, line
                yield Resource(ResourceKind.MODULE, get_line_module(name)), qid, line
