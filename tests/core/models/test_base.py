"""Times of records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from qdash_core.models.base import UtcDatetime

TIME = TypeAdapter[datetime](UtcDatetime)
NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-20T12:00:00.123456Z", "2026-11-20T21:00:00.123456+09:00", "2026-11-20T12:00:00.123456z"]
)
def test_a_time_is_read_from_text_of_any_zone(text: str) -> None:
    for found in (TIME.validate_python(text), TIME.validate_json(f'"{text}"')):
        assert found == NOON
        assert found.utcoffset() == NOON.utcoffset()


def test_stored_times_share_their_zone() -> None:
    assert TIME.validate_json('"2026-11-20T12:00:00.123456Z"').tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-13-20T12:00:00.123456Z",
        "2026-11-20T12:00:00.123456",
        "twenty-seven characters, Z",
        1.5e300,
        None,
    ],
)
def test_what_is_no_time_with_a_zone_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="a time is a date and a time of day with a time zone"):
        TIME.validate_python(value)


def test_the_schema_of_a_time_is_that_of_a_date_and_time() -> None:
    assert TIME.json_schema() == {"type": "string", "format": "date-time"}
