"""Wiring of a chip to the instruments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import MuxLines, WiringModel

_LINE = re.compile(r"([A-Za-z0-9_.]+)[-:]([A-Za-z0-9_.-]+)")
_CLASS = re.compile(r"[A-Z]")


@dataclass(frozen=True)
class Wiring:
    """The wiring of a chip, fitting its topology. Multiplexers that it does not name have no known modules."""

    model: WiringModel
    topology: Topology

    def get_modules(self, mux: int) -> frozenset[str]:
        """Return the modules that a multiplexer is connected to by its control, readout and pump lines."""
        lines = self._lines.get(mux)
        if lines is None:
            return frozenset()
        return frozenset(map(get_line_module, lines.ctrl)) | self.get_readout_modules(mux)

    def get_readout_modules(self, mux: int) -> frozenset[str]:
        """Return the modules that a multiplexer is connected to by its readout and pump lines."""
        lines = self._lines.get(mux)
        named = () if lines is None else (lines.read_out, lines.read_in, lines.pump)
        return frozenset(get_line_module(line) for line in named if line is not None)

    def get_boxes(self, mux: int) -> frozenset[str]:
        """Return the box classes of the modules of a multiplexer: `{"A"}`, or `{"A", "B"}`."""
        return frozenset(self.box_class(module) for module in self.get_modules(mux))

    def get_control_module(self, qid: str) -> str | None:
        """Return the module that drives a qubit, or None if unknown."""
        line = self.get_control_line(qid)
        return None if line is None else get_line_module(line)

    def get_control_line(self, qid: str) -> str | None:
        """Return the line that drives a qubit, or None if unknown."""
        return self._ctrl_lines.get(qid)

    def box_class(self, module: str) -> str:
        """Return the box class of a module: its entry in `boxes`, else the last letter of its name."""
        found = find_box_class(module, self.model.boxes)
        assert found is not None, module  # guaranteed by `validate_wiring`
        return found

    @cached_property
    def _lines(self) -> Mapping[int, MuxLines]:
        return {lines.mux: lines for lines in self.model.lines}

    @cached_property
    def _ctrl_lines(self) -> Mapping[str, str]:
        return {
            qid: line
            for lines in self.model.lines
            for qid, line in zip(self.topology.members(lines.mux), lines.ctrl, strict=True)
        }


def get_line_module(line: str) -> str:
    """Return the module of a line: the text before `-`, as in `U10B-5`. Some files write `:` instead."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise InvalidInputError(f"{line!r} is not a line: write module and port, as in 'U10B-5'")
    return found[1]


def find_box_class(module: str, boxes: Mapping[str, str]) -> str | None:
    """Return the box class of a module, or None if neither `boxes` nor its last letter gives one."""
    if module in boxes:
        return boxes[module]
    return module[-1] if _CLASS.fullmatch(module[-1]) else None


def validate_wiring(model: WiringModel, topology: Topology) -> Wiring:
    """Return the wiring of a chip, validated against its topology.

    Raises
    ------
    InvalidInputError
        If it names an unknown multiplexer, a multiplexer or line twice, a wrong number of control lines, or a
        module without a class. The message names the multiplexer and the field.
    """
    used: dict[str, str] = {}
    seen: set[int] = set()
    for lines in model.lines:
        where = f"mux {lines.mux}"
        if lines.mux not in topology.muxes:
            known = ", ".join(map(str, topology.muxes)) or "none"
            raise InvalidInputError(f"{where}: the chip has no such multiplexer (it has: {known})")
        if lines.mux in seen:
            raise InvalidInputError(f"{where} is there twice")
        seen.add(lines.mux)
        members = topology.members(lines.mux)
        if len(lines.ctrl) != len(members):
            raise InvalidInputError(
                f"{where}, ctrl: {len(lines.ctrl)} lines for the {len(members)} qubits {', '.join(members)}"
            )
        _check_lines(lines, model.boxes, used)
    return Wiring(model, topology)


def _check_lines(lines: MuxLines, boxes: Mapping[str, str], used: dict[str, str]) -> None:
    """Raise InvalidInputError if a line is malformed, already in use, or belongs to a box without a class."""
    named = [
        *((f"ctrl[{index}]", line) for index, line in enumerate(lines.ctrl)),
        *(("read_out", lines.read_out), ("read_in", lines.read_in), ("pump", lines.pump)),
    ]
    for field, line in named:
        if line is None:
            continue
        where = f"mux {lines.mux}, {field}"
        try:
            module = get_line_module(line)
        except InvalidInputError as error:
            raise InvalidInputError(f"{where}: {error}") from error
        if line in used:
            raise InvalidInputError(f"{where}: line {line} is {used[line]} already")
        used[line] = where
        if find_box_class(module, boxes) is None:
            raise InvalidInputError(
                f"{where}: module {module} ends in no letter that says the class of its box: say it under boxes, as in "
                f"{{{module}: A}}"
            )
