"""Places of errors in JSON and YAML texts, by the entries that their messages name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from qdash_core.errors import InvalidInputError

_PLACE = re.compile(r"[\w-]+(?:\[\d+\]|\.[\w-]+)*")
_SEARCHED = 500
"""Characters of a message in which places are looked for: the rest may repeat a long key of the file."""


def describe_line(error: InvalidInputError, text: str) -> str:
    """Return the line of an error in a JSON or YAML text as ` (line 3)`; empty if unknown, or if the message states it."""
    line, _ = find_error_place(error, text)
    return "" if line is None or isinstance(error, TextError) else f" (line {line})"


def find_error_place(error: InvalidInputError, text: str) -> tuple[int | None, int | None]:
    """Return line and column of an error in a valid JSON or YAML text, from 1; None if unknown.

    Unless the error has its own place, that is the line of the innermost entry that its message names and that is
    the only one of this name.
    """
    from qdash_core.parsing.yaml_parser import KEY_PART, find_entry_lines

    if isinstance(error, TextError) and error.line is not None:
        return error.line, error.column
    lines = find_entry_lines(text)
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for path in lines:
        by_name.setdefault(path[-1] if path else "", []).append(path)
    places = [tuple(KEY_PART.findall(one)) for one in _PLACE.findall(str(error)[:_SEARCHED])]
    best: tuple[str, ...] = ()
    for place in dict.fromkeys(one[:length] for one in places for length in range(1, len(one) + 1)):
        ends = [path for path in by_name.get(place[-1], ()) if path[-len(place) :] == place]
        if len(ends) == 1 and len(ends[0]) > len(best):
            best = ends[0]
    return (lines.get(best) if best else None), None
