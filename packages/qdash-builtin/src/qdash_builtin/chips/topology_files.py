"""Topology files: reading and validation.

A device table is also accepted: it gives the qubits and couplings, without positions and multiplexers. So is an
exported chip, which gives its topology.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.document_fields import require_fields
from qdash_builtin.chips.error_places import describe_line
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Site, Topology, make_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import by_number, make_coupling_id, parse_qubit_id
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_EXPORT, JSON_FILE, YAML
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from os import PathLike

    from qdash_core.parsing.limits import JsonLimits

LARGEST_PLACE = 1_000_000
"""Largest number of a row, a column or a multiplexer."""
_SUFFIXES = (".json", ".yaml", ".yml")
_KEYS = ("name", "qubits", "couplings")
_SITE_KEYS = ("id", "row", "col", "mux")


def is_path(name_or_path: str | PathLike[str]) -> bool:
    """Return whether the text is a path, by its suffix, a folder in it, or because the file exists."""
    text = os.fspath(name_or_path)
    return text.endswith(_SUFFIXES) or os.sep in text or "/" in text or Path(text).is_file()


def load_topology(name_or_path: str | PathLike[str]) -> Topology:
    """Return the built-in topology of this name, or the topology in this JSON or YAML file.

    Raises
    ------
    NotFoundError
        If there is neither such a name nor such a file.
    InvalidInputError
        If the file is invalid.
    """
    if is_path(name_or_path):
        return read_topology(name_or_path)
    try:
        return get_builtin_topology(str(name_or_path))
    except NotFoundError as error:
        raise NotFoundError(f"{error}; nor is there such a file") from None


def read_topology(path: str | PathLike[str]) -> Topology:
    """Return the topology in a JSON or YAML file.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read or breaks the format. The message is one line and names the file, the field and its line.
    """
    size = JSON_FILE.size if _is_json(os.fspath(path)) else YAML.size
    return _parse_file(os.fspath(path), read_text(path, "topology", size=size), JSON_FILE)


def parse_topology_file(name: str, contents: bytes) -> Topology:
    """Return the topology in the contents of an uploaded JSON or YAML file; raise InvalidInputError as `read_topology`."""
    try:
        text = contents.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"topology file {name} cannot be read: {error}") from error
    return _parse_file(name, text, JSON_EXPORT)


def _parse_file(name: str, text: str, limits: JsonLimits) -> Topology:
    try:
        document = _parse_text(text, limits if _is_json(name) else None)
    except InvalidInputError as error:
        raise InvalidInputError(f"topology file {name}: {error}") from error
    try:
        return parse_topology_document(document)
    except InvalidInputError as error:
        raise InvalidInputError(f"topology file {name}: {error}{describe_line(error, text)}") from error


def _is_json(name: str) -> bool:
    return Path(name).suffix == ".json"


def parse_topology_document(document: object) -> Topology:
    """Return the topology of a parsed topology file, device table or exported chip; raise as `parse_topology`."""
    if isinstance(document, dict) and "device" in document:
        return _read_device_table(document)
    if isinstance(document, dict) and "chip_id" in document and "topology" in document:
        return parse_topology(document["topology"])
    return parse_topology(document)


def parse_topology(document: object) -> Topology:
    """Return the topology that a parsed file describes.

    Parameters
    ----------
    document : object
        `{"name", "qubits": [{"id", "row", "col", "mux"}], "couplings": [["0", "1"], ...]}`. `row`, `col` and `mux` may
        be None if unknown, but must be present: a forgotten multiplexer would lead to wrong schedules.

    Raises
    ------
    InvalidInputError
        If it breaks the format. The message is one line and names the field and its index.
    """
    given = require_fields(document, _KEYS, "the topology")
    name = given["name"]
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError(f"name is {name!r}, not a name")
    sites: dict[str, Site] = {}
    for index, entry in enumerate(_list(given["qubits"], "qubits")):
        site = _read_site(entry, f"qubits[{index}]")
        if site.id in sites:
            raise InvalidInputError(f"qubits[{index}].id: qubit {site.id} is there twice")
        sites[site.id] = site
    if not sites:
        raise InvalidInputError("qubits is empty")
    couplings: set[str] = set()
    for index, entry in enumerate(_list(given["couplings"], "couplings")):
        couplings.add(_read_coupling(entry, f"couplings[{index}]", sites, couplings))
    return Topology(
        name,
        tuple(sites[qid] for qid in sorted(sites, key=by_number)),
        tuple(sorted(couplings, key=by_number)),
    )


def _read_device_table(table: dict[str, Any]) -> Topology:
    """Return the topology of a device table; only the qubit or coupling of each row is read."""
    name = table["device"]
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError(f"device is {name!r}, not a name")
    qids = [
        _read_qubit(_read_row_target(row, "qid", f"qubits[{index}]"), f"qubits[{index}].qid")
        for index, row in enumerate(_list(table.get("qubits"), "qubits"))
    ]
    couplings = [
        _read_direction(row, f"couplings[{index}]")
        for index, row in enumerate(_list(table.get("couplings"), "couplings"))
    ]
    return make_topology(name, qids, couplings)


def _read_direction(row: object, where: str) -> str:
    ends = (_read_qubit(_read_row_target(row, key, where), f"{where}.{key}") for key in ("control", "target"))
    try:
        return make_coupling_id(*ends)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from error


def _read_row_target(row: object, key: str, where: str) -> object:
    if not isinstance(row, dict) or key not in row:
        raise InvalidInputError(f"{where} has no {key}")
    return row[key]


def _parse_text(text: str, limits: JsonLimits | None) -> object:
    """Return a parsed JSON text within limits, or a parsed YAML text for None."""
    if limits is not None:
        return parse_json(text, limits=limits)
    from qdash_builtin.chips.document_parser import parse_document

    return parse_document(text)


def _read_site(entry: object, where: str) -> Site:
    given = require_fields(entry, _SITE_KEYS, where)
    return Site(
        _read_qubit(given["id"], f"{where}.id"),
        *(_read_whole_number(given[key], f"{where}.{key}") for key in ("row", "col", "mux")),
    )


def _read_coupling(entry: object, where: str, sites: dict[str, Site], seen: set[str]) -> str:
    ends = _list(entry, where)
    if len(ends) != 2:
        raise InvalidInputError(f"{where} names {len(ends)} qubits, not two")
    qids = [_read_qubit(end, f"{where}[{index}]") for index, end in enumerate(ends)]
    for qid in qids:
        if qid not in sites:
            raise InvalidInputError(f"{where}: there is no qubit {qid}")
    if qids[0] == qids[1]:
        raise InvalidInputError(f"{where} couples qubit {qids[0]} to itself")
    coupling = make_coupling_id(*qids)
    if coupling in seen:
        raise InvalidInputError(f"{where}: coupling {coupling} is there twice")
    return coupling


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInputError(f"{where} is a {type(value).__name__}, not a list")
    return value


def _read_qubit(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"{where} is {value!r}: a qubit is text in quotes, as in '7'")
    try:
        return parse_qubit_id(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from error


def _read_whole_number(value: object, where: str) -> int | None:
    # In Python True is an int, and a spreadsheet writes 3 as 3.0: neither is a valid position.
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_PLACE:
        return value
    raise InvalidInputError(
        f"{where} is {value!r:.40}, not a whole number from 0 to {LARGEST_PLACE} (or null when unknown)"
    )
