"""Differences between two versions of a text file."""

from __future__ import annotations

import difflib
from collections import Counter

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import FILE

_MOST_LINES = 20_000
_FEWEST_POPULAR = 200
_MOST_PAIRS = 500_000
"""Pairs of equal lines that `difflib` compares; it may do so some hundred times."""


def make_difference(before: bytes | None, after: bytes | None, *, names: tuple[str, str]) -> str:
    """Return the unified differences of two contents, each None if there is no file; empty if they are equal.

    Raises
    ------
    InvalidInputError
        If one is not text or too long, or they have too many equal lines.
    """
    if before == after:
        return ""
    first, second = (_split(contents, name) for contents, name in zip((before, after), names, strict=True))
    if _count_pairs(first, second) > _MOST_PAIRS:
        raise InvalidInputError(
            f"{names[0]} and {names[1]} have too many equal lines to be compared: download both versions"
        )
    lines = difflib.unified_diff(first, second, *names)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _count_pairs(first: list[str], second: list[str]) -> int:
    """Return the number of pairs of equal lines, without the lines that `difflib` leaves out as popular: more than 1 % of the second text."""
    counts, most = Counter(second), len(second) // 100 + 1
    return sum(
        number * counts[line]
        for line, number in Counter(first).items()
        if counts[line] <= most or len(second) < _FEWEST_POPULAR
    )


def _split(contents: bytes | None, name: str) -> list[str]:
    if contents is None:
        return []
    try:
        text = contents.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{name} is not text: download both versions") from error
    lines = text.splitlines(keepends=True)
    if "\0" in text:
        raise InvalidInputError(f"{name} is not text: download both versions")
    if len(lines) > _MOST_LINES or len(text) > FILE.text:
        raise InvalidInputError(
            f"{name} is too long to be compared ({_MOST_LINES} lines and {FILE.text} characters at most): download both versions"
        )
    return lines
