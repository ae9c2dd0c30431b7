"""Line wrapping at spaces, but not between a value and its unit or within a command to be copied."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from textwrap import wrap
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from typing import TextIO

_DEFAULT_WIDTH = 80
"""Width of a terminal that does not report one."""
_UNBREAKABLE_SPACE = "\u00a0"
"""Placeholder, during wrapping, for a space at which no line may end."""
_CONTROL_CHARACTERS = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    "\N{REPLACEMENT CHARACTER}",
)
"""Characters that command a terminal, and those that change the direction of the text around them."""
_UNIT = r"(?:[GMk]?Hz(?:/a\.u\.)?|[mun]?s|µs|min|h|d|a\.u\.|1/a\.u\.|rad|deg|%|m?K|dBm?|[mun]?V|sigma|[kMG]B|bytes)"
_COMMAND = re.compile(r"`[^`]+`")
_BEFORE_A_UNIT = re.compile(rf"(?<=[\d)]) (?={_UNIT}(?![\w/]))")


def wrap_text(text: str, width: int | None, *, indent: str = "", further: str | None = None) -> list[str]:
    """Return a text wrapped to a maximum line length at its spaces.

    White space, including line breaks, is collapsed to one blank. `width` is None for no limit; `further` is the prefix
    of the following lines, None for `indent`.
    """
    further = indent if further is None else further
    if width is None:
        return [f"{indent}{' '.join(text.split())}"]
    text = _BEFORE_A_UNIT.sub(_UNBREAKABLE_SPACE, " ".join(text.split()))
    text = _COMMAND.sub(lambda found: _join_command(found[0], width - len(further)), text)
    lines = wrap(
        text,
        max(width, len(indent) + 1, len(further) + 1),
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBREAKABLE_SPACE, " ") for line in lines]


def _join_command(command: str, room: int) -> str:
    """Return a command with non-breaking spaces, if it fits in one line."""
    return command.replace(" ", _UNBREAKABLE_SPACE) if len(command) <= room else command


def replace_control_characters(text: str) -> str:
    """Return a text in which no character but line feeds and tabs commands the terminal."""
    return text.translate(_CONTROL_CHARACTERS)


def wrap_lines(text: str, width: int | None) -> str:
    """Return a text with its long lines wrapped; short lines and indents stay unchanged."""
    return "\n".join(part for line in text.split("\n") for part in _wrap_line(line, width))


def _wrap_line(line: str, width: int | None) -> list[str]:
    if width is None or display_width(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrap_text(line, width, indent=indent, further=f"{indent}  ")


def split_words(text: str) -> list[str]:
    """Return the unbreakable parts of a text: its words, with a value and its unit as one."""
    return [
        word.replace(_UNBREAKABLE_SPACE, " ")
        for word in _BEFORE_A_UNIT.sub(_UNBREAKABLE_SPACE, text).split(" ")
        if word
    ]


def display_width(text: str) -> int:
    """Return the width of a text in terminal columns: a Chinese or Japanese character takes two."""
    return (
        len(text)
        if text.isascii()
        else sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    )


def get_line_width(stream: TextIO) -> int | None:
    """Return the line width of a stream, from COLUMNS or its terminal, or None if unlimited."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    if not stream.isatty():
        return None
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
    return _DEFAULT_WIDTH
