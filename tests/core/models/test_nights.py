"""Times of day are found across changes of the clock, and nights by their words, days and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.models.nights import find_day_of_night, find_last_evening, find_last_time, find_night

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Tokyo",
        "Europe/Zurich",
        "America/New_York",
        "Australia/Lord_Howe",
        "Atlantic/Azores",
    )
]
ZURICH = ZoneInfo("Europe/Zurich")
HOUR = timedelta(hours=1)
START = datetime(2020, 1, 1, tzinfo=UTC)


@given(
    st.sampled_from(ZONES),
    st.integers(0, 15 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_the_last_time_of_day_is_less_than_25_hours_ago(
    zone: ZoneInfo, now: datetime, hour: int, minute: int
) -> None:
    check(zone, now, hour, minute)


@given(
    st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]),
    st.integers(-26 * 60, 26 * 60),
    st.integers(0, 4),
    st.integers(0, 59),
)
def test_the_last_time_of_day_is_found_around_a_change_of_the_clock(
    changed: datetime, minutes: int, hour: int, minute: int
) -> None:
    check(ZURICH, changed + timedelta(minutes=minutes), hour, minute)


def check(zone: ZoneInfo, now: datetime, hour: int, minute: int) -> None:
    """Check the last time of day: no minute after it has it, and it has it itself unless the clock skipped it."""
    found = find_last_time(hour, minute, zone, now=now)
    assert (found.tzinfo, found <= now, now - found < 25 * HOUR) == (UTC, True, True)
    local = found.astimezone(zone)
    wanted = local.replace(hour=hour, minute=minute)
    is_skipped = wanted.astimezone(UTC).astimezone(zone).time() != wanted.time()
    assert is_skipped or (local.hour, local.minute) == (hour, minute)
    minutes = int((now - found) / timedelta(minutes=1))
    later = ((found + timedelta(minutes=one)).astimezone(zone) for one in range(1, minutes + 1))
    assert (hour, minute) not in {(one.hour, one.minute) for one in later}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-10-25 02:50+02:00", "2026-10-25 02:45+02:00"),
        ("2026-10-25 02:30+01:00", "2026-10-25 02:45+02:00"),
        ("2026-10-25 02:50+01:00", "2026-10-25 02:45+01:00"),
        ("2026-10-26 02:30+01:00", "2026-10-25 02:45+01:00"),
        ("2026-03-29 01:50+01:00", "2026-03-28 02:45+01:00"),
        ("2026-03-29 03:30+02:00", "2026-03-28 02:45+01:00"),
        ("2026-03-29 03:50+02:00", "2026-03-29 03:45+02:00"),
    ],
)
def test_a_time_of_day_that_comes_twice_or_is_skipped(now: str, found: str) -> None:
    assert find_last_time(2, 45, ZURICH, now=datetime.fromisoformat(now)) == datetime.fromisoformat(found)


def test_the_last_evening_is_that_of_the_day_before() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    for hour in (0, 9, 20):
        start = find_last_evening(zone, now=datetime(2026, 4, 2, hour, 30, tzinfo=zone))
        assert (start.astimezone(zone), start.tzinfo) == (datetime(2026, 4, 1, 18, tzinfo=zone), UTC)


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("last-night", "2026-11-27 18:00", "2026-11-28 12:00"),
        ("night-before-last", "2026-11-26 18:00", "2026-11-27 12:00"),
    ],
)
def test_a_night_lasts_from_the_evening_to_noon(word: str, start: str, end: str) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    now = datetime(2026, 11, 28, 14, tzinfo=zone)
    night = find_night(word, zone, now=now)
    assert night is not None
    assert [f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in night] == [start, end]
    assert find_night("18:00", zone, now=now) is None


def test_a_night_has_its_hours_across_a_change_of_the_clock() -> None:
    night = find_night("last-night", ZURICH, now=datetime(2026, 10, 25, 14, tzinfo=ZURICH))
    assert night is not None
    start, end = night
    assert (end - start, end.astimezone(ZURICH).hour) == (19 * HOUR, 12)


def test_times_until_the_next_evening_belong_to_a_night() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    for hour, day in ((17, 28), (18, 29), (23, 29)):
        assert find_day_of_night(datetime(2026, 11, 29, hour, tzinfo=zone), zone).day == day
