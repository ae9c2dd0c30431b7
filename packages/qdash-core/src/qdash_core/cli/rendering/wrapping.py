"""Folding text into lines: at spaces only, and neither between a value and its unit nor within a command to be copied."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from textwrap import wrap
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from typing import TextIO

_USUAL = 80
"""Columns of a terminal that does not say."""
_HELD = "\u00a0"
"""Stands for a space at which no line ends, while a text is folded."""
_UNIT = r"(?:[GMk]?Hz(?:/a\.u\.)?|[mun]?s|µs|min|h|d|a\.u\.|1/a\.u\.|rad|deg|%|m?K|dBm?|[mun]?V|sigma|[kMG]B|bytes)"
_COMMAND = re.compile(r"`[^`]+`")
_BEFORE_A_UNIT = re.compile(rf"(?<=[\d)]) (?={_UNIT}(?![\w/]))")


def lines_of(text: str, width: int | None, *, indent: str = "", further: str | None = None) -> list[str]:
    """Return a text in lines of at most so many characters, as far as it has spaces to end them at.

    Parameters
    ----------
    text : str
        What it is; white space counts as one blank, and it has no lines of its own.
    width : int or None
        Characters in a line. None: as many as it takes.
    indent, further : str
        What the first line begins with, and those behind it (None: with the same).
    """
    further = indent if further is None else further
    if width is None:
        return [f"{indent}{' '.join(text.split())}"]
    held = _BEFORE_A_UNIT.sub(_HELD, " ".join(text.split()))
    held = _COMMAND.sub(lambda found: _whole(found[0], width - len(further)), held)
    folded = wrap(
        held,
        max(width, len(indent) + 1, len(further) + 1),
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in folded]


def _whole(command: str, room: int) -> str:
    """Return a command that is to be copied as one word, if a line has room for it."""
    return command.replace(" ", _HELD) if len(command) <= room else command


def folded(text: str, width: int | None) -> str:
    """Return a text with its own lines folded where they are longer; one that fits stays as it is, and so does an indent."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int | None) -> list[str]:
    if width is None or length(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return lines_of(line, width, indent=indent, further=f"{indent}  ")


def words_of(text: str) -> list[str]:
    """Return what of a text stays in one line: its words, a value with its unit as one."""
    return [word.replace(_HELD, " ") for word in _BEFORE_A_UNIT.sub(_HELD, text).split(" ") if word]


def length(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese or Japanese character takes two."""
    return (
        len(text)
        if text.isascii()
        else sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    )


def room_of(stream: TextIO) -> int | None:
    """Return how wide the lines of a stream may be: what COLUMNS says, else its terminal; None when nothing limits them."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    if not stream.isatty():
        return None
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    return _USUAL
