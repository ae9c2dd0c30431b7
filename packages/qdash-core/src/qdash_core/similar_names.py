"""Suggestions of known names for an unknown one, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS = str.maketrans("", "", "-_ ")


def find_similar(name: str, known: Iterable[str], *, n: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return at most `n` known names, most similar first; case, hyphens, underscores and spaces make no difference."""
    from difflib import get_close_matches

    by_letters: dict[str, list[str]] = {}
    for one in sorted(known):
        by_letters.setdefault(_keep_letters(one), []).append(one)
    near = get_close_matches(_keep_letters(name), by_letters, n=n, cutoff=cutoff)
    return [one for letters in near for one in by_letters[letters]][:n]


def suggest(name: str, known: Iterable[str], *, n: int = 1, cutoff: float = 0.6, otherwise: str = "") -> str:
    """Return `; did you mean 'bring-up'?` for the end of a message, or another text if no known name is similar."""
    near = find_similar(name, known, n=n, cutoff=cutoff)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else otherwise


def _keep_letters(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)
