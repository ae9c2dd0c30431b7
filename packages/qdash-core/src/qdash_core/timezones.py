"""Names of time zones: that of this machine, and suggestions for an unknown one."""

from __future__ import annotations

import os
import warnings
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

UTC_NAME = "UTC"
_YEAR = 2026
_MOST_SUGGESTED = 3
_OTHER_LEAP_SECONDS = ("posix/", "right/")


def get_local_zone() -> str:
    """Return the name of this machine's time zone: `TZ`, else that of the system, else UTC."""
    return _find_zone(os.environ.get("TZ"))


@cache
def _find_zone(_set_by_tz: str | None) -> str:
    """Return the name of the zone for this value of `TZ`, cached because a query of the system takes a millisecond."""
    import tzlocal

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a container without a configured zone is not an error
            tzlocal.reload_localzone()
            name = tzlocal.get_localzone_name()
        return ZoneInfo(name).key if name else UTC_NAME
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC_NAME


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
