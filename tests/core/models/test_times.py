"""Display of durations, in tables and in notices, and times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.times import format_duration, parse_moment


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0.0 s"),
        (4.0, "4.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (192.3, "3 min 12 s"),
        (3599.6, "1 h"),
        (4320, "1 h 12 min"),
        (3 * 3600 + 20, "3 h"),
        (51 * 3600, "2 d 3 h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said


def test_an_estimate_of_seconds_has_no_decimals() -> None:
    assert format_duration(4.4, whole=True) == "4 s"
    assert format_duration(59.7, whole=True) == "1 min"


@pytest.mark.parametrize(
    ("text", "ahead", "found"),
    [
        ("2026-01-08 9:00", False, "2026-01-08 00:00"),
        ("2026-01-08T9:05:01", False, "2026-01-08 00:05:01"),
        ("2026-01-08 09:00+01:00", False, "2026-01-08 08:00"),
        ("tomorrow", True, "2026-11-29 03:04"),
        ("tomorrow 9:30", True, "2026-11-29 00:30"),
        ("24h", True, "2026-11-29 03:04"),
    ],
)
def test_a_moment_is_written_as_people_write_it(text: str, found: str, *, ahead: bool) -> None:
    now = datetime(2026, 11, 28, 3, 4, tzinfo=UTC)
    moment = parse_moment(text, ZoneInfo("Asia/Tokyo"), now=now, ahead=ahead)
    assert moment == datetime.fromisoformat(found).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "tomorrow 9:00", "9:0", "2026-01-08 25:00"])
def test_words_of_the_future_and_bad_times_are_no_moment_of_the_past(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a moment"):
        parse_moment(text, UTC, now=datetime(2026, 11, 28, tzinfo=UTC))
