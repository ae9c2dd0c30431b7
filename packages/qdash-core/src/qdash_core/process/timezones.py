"""Name of this machine's time zone."""

from __future__ import annotations

import os
import warnings
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC_NAME = "UTC"


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
