"""Wiring files: reading and validation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.document_fields import require_fields
from qdash_core.chips.wiring import get_line_module, validate_wiring
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from os import PathLike

    from qdash_core.chips.topology import Topology

_REQUIRED = ("mux", "ctrl", "read_out", "read_in")
_OPTIONAL = ("pump",)
_BOXES = "boxes"


def read_wiring(path: str | PathLike[str], chip_id: str, topology: Topology) -> WiringModel:
    """Return the wiring of a chip from a YAML or JSON file.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read, breaks the format or does not fit the chip. The message is one line and names
        the file and the field.
    """
    from qdash_builtin.chips.document_parser import parse_document

    text = read_text(path, "wiring", size=YAML.size)
    try:
        return validate_wiring(parse_wiring(parse_document(text), chip_id), topology).model
    except InvalidInputError as error:
        raise InvalidInputError(f"wiring file {os.fspath(path)}: {error}") from error


def parse_wiring(document: object, chip_id: str) -> WiringModel:
    """Return the wiring of a chip that a parsed file describes.

    Parameters
    ----------
    document : object
        `{<chip or group>: [{"mux", "ctrl", "read_out", "read_in", "pump"}], "boxes": {<module>: <class>}}`.
    chip_id : str
        If the file has a group of this name, only that group is used; else all groups belong to this chip.

    Raises
    ------
    InvalidInputError
        If it breaks the format. The message is one line and names the group, the index and the field.
    """
    if not isinstance(document, dict):
        raise InvalidInputError(
            f"it is a {type(document).__name__}, not a mapping of chips or groups to their multiplexers"
        )
    groups = {str(key): value for key, value in document.items() if key != _BOXES}
    if not groups:
        raise InvalidInputError("it names no chip or group")
    wanted = {chip_id: groups[chip_id]} if chip_id in groups else groups
    lines: list[MuxLines] = []
    group_of: dict[int, str] = {}
    for group, entries in wanted.items():
        if not isinstance(entries, list):
            raise InvalidInputError(f"{group} is a {type(entries).__name__}, not a list of multiplexers")
        for index, entry in enumerate(entries):
            one = _read_lines(entry, f"{group}[{index}]")
            if group_of.setdefault(one.mux, group) != group:
                raise InvalidInputError(
                    f"mux {one.mux} is in {group_of[one.mux]} and in {group}: they are parts of one chip, as no group is "
                    f"called {chip_id!r}"
                )
            lines.append(one)
    if not lines:
        raise InvalidInputError(f"{', '.join(wanted)}: no multiplexers")
    return WiringModel(lines=lines, boxes=_read_boxes(document.get(_BOXES)))


def _read_lines(entry: object, where: str) -> MuxLines:
    given = require_fields(entry, _REQUIRED, where, optional=_OPTIONAL)
    mux, ctrl, pump = given["mux"], given["ctrl"], given.get("pump")
    # In Python True is an int, but not a multiplexer.
    if not isinstance(mux, int) or isinstance(mux, bool) or mux < 0:
        raise InvalidInputError(f"{where}.mux is {mux!r}, not a whole number from 0")
    if not isinstance(ctrl, list):
        raise InvalidInputError(f"{where}.ctrl is a {type(ctrl).__name__}, not a list of lines, one a qubit")
    return MuxLines(
        mux=mux,
        ctrl=[_read_line(line, f"{where}.ctrl[{index}]") for index, line in enumerate(ctrl)],
        read_out=_read_line(given["read_out"], f"{where}.read_out"),
        read_in=_read_line(given["read_in"], f"{where}.read_in"),
        pump=None if pump is None else _read_line(pump, f"{where}.pump"),
    )


def _read_line(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"{where} is {value!r}, not a line such as 'U10B-5'")
    try:
        get_line_module(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from error
    return value


def _read_boxes(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError(f"{_BOXES} is a {type(value).__name__}, not a mapping of modules to classes")
    for module, letter in value.items():
        if not isinstance(letter, str) or len(letter) != 1 or not ("A" <= letter <= "Z"):
            raise InvalidInputError(f"{_BOXES}.{module} is {letter!r}, not a capital letter such as A")
    return {str(module): letter for module, letter in value.items()}
