"""File of a recording: the first line describes the laboratory, each other line a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import RECORDING_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "QDash recording of a laboratory, version 1"

Json = dict[str, Any]


def read_lines(path: Path) -> Iterator[Json]:
    """Yield the lines of a recording; an incomplete last line is omitted.

    Raises `InvalidInputError` if the file cannot be read, is not a recording, or has another version.
    """
    try:
        with path.open("rb") as recording:
            documents = (parse_json(line, limits=RECORDING_LINE) for line in _complete_lines(recording))
            yield _check_header(next(documents, None))
            yield from documents
    except (OSError, InvalidInputError) as error:
        raise InvalidInputError(f"{path} is no recording of a laboratory: {error}") from error


def _complete_lines(recording: BinaryIO) -> Iterator[bytes]:
    while (line := recording.readline(RECORDING_LINE.size + 1)).endswith(b"\n"):
        yield line
    if len(line) > RECORDING_LINE.size:
        raise InvalidInputError(f"a line has more than {RECORDING_LINE.size} bytes")


def _check_header(document: object) -> Json:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidInputError(f"it does not start with the header of a {FORMAT!r}")
    return document
