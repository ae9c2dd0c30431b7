"""Wiring and design files of a chip, read for the requests that store them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.design_files import parse_design_document
from qdash_builtin.chips.document_parser import parse_document
from qdash_builtin.chips.error_places import describe_line
from qdash_builtin.chips.requests.chips import DesignRequest
from qdash_builtin.chips.views.layouts import WiringDocument
from qdash_builtin.chips.wiring_files import parse_wiring
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def read_wiring_file(contents: bytes, chip_id: str) -> WiringDocument:
    """Return the wiring of a chip in a YAML file; raise InvalidInputError with the line if it is invalid."""
    return _read(contents, lambda document: WiringDocument.from_wiring(parse_wiring(document, chip_id)))


def read_design_file(contents: bytes) -> DesignRequest:
    """Return the design values in a YAML or JSON file; raise InvalidInputError with the line if it is invalid."""
    values = _read(contents, parse_design_document)
    return DesignRequest(
        qubits={target: found for target, found in values.items() if "-" not in target},
        couplings={target: found for target, found in values.items() if "-" in target},
    )


def _read(contents: bytes, parse: Callable[[object], T]) -> T:
    try:
        text = contents.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"the file is not a text in UTF-8: {error}") from error
    document = parse_document(text)
    try:
        return parse(document)
    except InvalidInputError as error:
        raise InvalidInputError(f"{error}{describe_line(error, text)}") from error
