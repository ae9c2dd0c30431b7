"""Wiring files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from qdash_core.chips.wiring import validate_wiring
from qdash_core.chips.wiring_files import parse_wiring
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from os import PathLike

    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import WiringModel


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
    from qdash_core.parsing.documents import parse_document

    text = read_text(path, "wiring", size=YAML.size)
    try:
        return validate_wiring(parse_wiring(parse_document(text), chip_id), topology).model
    except InvalidInputError as error:
        raise InvalidInputError(f"wiring file {os.fspath(path)}: {error}") from error
