"""Design files: reading, validation and writing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.document_fields import require_fields
from qdash_core.chips.design import validate_design
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import parse_coupling_id, parse_qubit_id
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import CouplingModel, DesignValues, QubitModel

_SECTIONS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("qubits", parse_qubit_id),
    ("couplings", parse_coupling_id),
)


def read_design(path: str | PathLike[str], topology: Topology) -> dict[str, DesignValues]:
    """Return the design values of a YAML or JSON file by qubit and coupling.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read, breaks the format or does not fit the chip. The message is one line and names
        the file and the field.
    """
    from qdash_builtin.chips.document_parser import parse_document

    text = read_text(path, "design", size=YAML.size)
    targets = {*(site.id for site in topology.qubits), *topology.couplings}
    try:
        return validate_design(parse_design_document(parse_document(text)), targets)
    except (InvalidInputError, NotFoundError) as error:
        raise InvalidInputError(f"design file {os.fspath(path)}: {error}") from error


def parse_design_document(document: object) -> dict[str, dict[str, Any]]:
    """Return the entries of a design document by target, under the names that the document uses.

    Parameters
    ----------
    document : object
        `{"qubits": {qid: {parameter: value}}, "couplings": {"a-b": {parameter: value}}}`; the value `null`
        states that there is none.

    Raises
    ------
    InvalidInputError
        If it breaks the format. The message is one line and names the field.
    """
    given = require_fields(document, (), "it", optional=tuple(name for name, _ in _SECTIONS))
    if not given:
        raise InvalidInputError("it has neither qubits nor couplings")
    found: dict[str, dict[str, Any]] = {}
    for section, id_of in _SECTIONS:
        entries = {} if given.get(section) is None else given[section]
        if not isinstance(entries, dict):
            raise InvalidInputError(
                f"{section} is a {type(entries).__name__}, not a mapping of ids to values"
            )
        for key, values in entries.items():
            target = id_of(str(key))
            where = f"{section}.{key}"
            if not isinstance(values, dict):
                raise InvalidInputError(
                    f"{where} is a {type(values).__name__}, not a mapping of names to values"
                )
            if target in found:
                raise InvalidInputError(f"{where} is there twice, under two names of {target}")
            found[target] = {str(name): value for name, value in values.items()}
    return found


def make_design_document(chip: Chip) -> dict[str, dict[str, DesignValues]]:
    """Return the design values stored with a chip, in the format that `read_design` reads."""
    return {
        section: found
        for section, targets in (("qubits", chip.qubits), ("couplings", chip.couplings))
        if (found := _list_design(targets))
    }


def _list_design(targets: Mapping[str, QubitModel] | Mapping[str, CouplingModel]) -> dict[str, DesignValues]:
    return {qid: dict(target.design) for qid, target in targets.items() if target.design}
