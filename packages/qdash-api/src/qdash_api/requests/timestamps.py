"""Times in requests, as ISO text only: a number would be a typing error rather than seconds since the epoch."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from qdash_core.models.base import GivenTime

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _require_text(value: Any) -> Any:
    if isinstance(value, str) and _DATE.match(value):
        return value
    raise ValueError("it has to be a time with a time zone, such as 2026-11-21T06:14:25Z")


Timestamp = Annotated[GivenTime, BeforeValidator(_require_text)]
"""Date and time with a time zone, in the format of RFC 3339."""
