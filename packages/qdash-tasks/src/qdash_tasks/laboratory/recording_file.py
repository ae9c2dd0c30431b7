"""The file of a recording, line by line: the first tells of the laboratory, each other one of a call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "QDash recording of a laboratory, version 1"

Json = dict[str, Any]


def lines_of(path: Path) -> Iterator[Json]:
    """Yield the lines of a recording; one that was cut off while it was written is left out.

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or is no recording, or one of another version.
    """
    try:
        with path.open(encoding="utf-8") as recording:
            first = json.loads(recording.readline() or "{}")
            if not isinstance(first, dict) or first.get("format") != FORMAT:
                raise InvalidInputError(f"{path} does not begin with the line of a {FORMAT!r}")
            yield first
            for line in recording:
                if line.endswith("\n"):
                    yield json.loads(line)
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} is no recording of a laboratory: {error}") from error
