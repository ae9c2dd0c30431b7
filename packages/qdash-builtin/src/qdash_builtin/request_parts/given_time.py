"""Times that users give."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from qdash_core.models.base import UtcDatetime

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""Years in which every time exists in every time zone, and a short time before and after it, too."""


def require_possible_time(moment: datetime) -> datetime:
    """Return a time from outside that every time zone can show; raise ValueError for others."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"a time has to be in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _require_date(value: object) -> object:
    """Refuse a number, which would be seconds or milliseconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE.match(value)):
        return value
    raise ValueError("it has to be a time with a time zone, such as 2026-11-21T06:14:25Z")


GivenTime = Annotated[UtcDatetime, BeforeValidator(_require_date), AfterValidator(require_possible_time)]
"""A time from outside, as text in the format of RFC 3339, which every time zone can show."""
