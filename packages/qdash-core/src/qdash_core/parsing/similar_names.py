"""Suggestions of known names for an unknown one, for messages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

_YEAR = 2026
_MOST_SUGGESTED = 3
_OTHER_LEAP_SECONDS = ("posix/", "right/")
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


def suggest_zone(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return the end of a message about an unknown zone: zones with this abbreviation, as in `JST`, else one with a similar name."""
    known = sorted(zone for zone in known if not zone.startswith(_OTHER_LEAP_SECONDS))
    abbreviated = [zone for zone in known if "/" in zone and name.upper() in _list_abbreviations(zone)]
    if not abbreviated:
        return suggest(name, known, otherwise=otherwise)
    more = " ..." if len(abbreviated) > _MOST_SUGGESTED else ""
    return f"; {name.upper()} is the time of {', '.join(map(repr, abbreviated[:_MOST_SUGGESTED]))}{more}: write that name"


def _list_abbreviations(zone: str) -> set[str | None]:
    """Return the abbreviations of a zone in winter and in summer."""
    return {datetime(_YEAR, month, 1, tzinfo=ZoneInfo(zone)).tzname() for month in (1, 7)}
