"""Moments as requests say them: text, never a number of seconds, which a mistyped query would be read as."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from qdash_core.models.base import UtcDatetime

_BEGIN = re.compile(r"\d{4}-\d\d-\d\d")


def _as_text(value: Any) -> Any:
    if isinstance(value, str) and _BEGIN.match(value):
        return value
    raise ValueError("a time is written as 2026-11-21T06:14:25Z, with a time zone")


Moment = Annotated[UtcDatetime, BeforeValidator(_as_text)]
"""A date and a time of day with a time zone, as RFC 3339 writes them."""
