"""Occurrences of a timetable: ordered, in its time zone, across clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.timetables.calendar import (
    describe_rule,
    find_newest_until,
    get_zone,
    iter_occurrences,
    validate_rule,
)
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_core.errors import InvalidInputError

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)

MINUTES = st.sampled_from(["0", "30", "59", "*/15", "0,45", "*"])
HOURS = st.sampled_from(["0", "2", "3", "*/6", "1-4", "23", "*"])
DAYS = st.sampled_from(["*", "1", "31", "L", "1-7"])
WEEKDAYS = st.sampled_from(["*", "MON-FRI", "0", "6#2", "5L"])
CRONS = st.builds(lambda *parts: " ".join(parts), MINUTES, HOURS, DAYS, st.just("*"), WEEKDAYS)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Tokyo"]
).map(ZoneInfo)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
SOME = st.one_of(
    st.builds(Cron, expression=CRONS),
    st.builds(Interval, every_s=st.floats(60, 1e6), anchor=TIMES),
    st.builds(Moment, at=TIMES),
)


def list_local_times(expression: str, zone: ZoneInfo, after: datetime, n: int) -> list[str]:
    """Return the next occurrences of a cron expression in local time."""
    found = islice(iter_occurrences(Cron(expression=expression), zone, after=after), n)
    return [f"{one.astimezone(zone):%m-%d %H:%M %Z}" for one in found]


@given(when=SOME, zone=ZONES, after=TIMES)
def test_moments_come_one_after_the_other(
    when: Cron | Interval | Moment, zone: ZoneInfo, after: datetime
) -> None:
    found = list(islice(iter_occurrences(when, zone, after=after), 20))
    assert all(one < other for one, other in zip([after, *found], found, strict=False))
    assert all(one.tzinfo is UTC for one in found)


@given(when=SOME, zone=ZONES, after=TIMES, skipped=st.integers(0, 10))
def test_it_does_not_matter_from_where_one_looks(
    when: Cron | Interval | Moment, zone: ZoneInfo, after: datetime, skipped: int
) -> None:
    """A new search after an occurrence finds the next one."""
    found = list(islice(iter_occurrences(when, zone, after=after), skipped + 2))
    if len(found) == skipped + 2:
        assert next(iter_occurrences(when, zone, after=found[skipped])) == found[skipped + 1]


@given(when=SOME, zone=ZONES, after=TIMES, days=st.floats(0, 40))
def test_the_newest_moment_is_the_last_of_those_that_have_come(
    when: Cron | Interval | Moment, zone: ZoneInfo, after: datetime, days: float
) -> None:
    until = after + timedelta(days=days)
    come = []
    for one in iter_occurrences(when, zone, after=after):
        if one > until:
            break
        come.append(one)
    assert find_newest_until(when, zone, after=after, until=until) == (come[-1] if come else None)


def test_a_time_of_day_is_that_of_the_zone() -> None:
    assert list_local_times("0 2 * * *", BERLIN, NOON, 2) == ["04-02 02:00 CEST", "04-03 02:00 CEST"]
    assert next(iter_occurrences(Cron(expression="0 2 * * *"), BERLIN, after=NOON)) == datetime(
        2026, 4, 2, tzinfo=UTC
    )


def test_a_time_of_day_that_a_day_does_not_have_is_the_one_behind_the_gap() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert list_local_times("30 2 * * *", BERLIN, before, 2) == ["03-29 03:00 CEST", "03-30 02:30 CEST"]


def test_a_time_of_day_that_a_day_has_twice_comes_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert list_local_times("30 2 * * *", BERLIN, before, 2) == ["10-25 02:30 CEST", "10-26 02:30 CET"]
    in_the_second_hour = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert list_local_times("30 2 * * *", BERLIN, in_the_second_hour, 1) == ["10-26 02:30 CET"]


def test_every_hour_is_every_hour_when_the_clocks_are_put_back() -> None:
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert list_local_times("0 * * * *", BERLIN, before, 3) == [
        "10-25 02:00 CEST",
        "10-25 02:00 CET",
        "10-25 03:00 CET",
    ]


def test_an_interval_is_counted_from_its_first_moment() -> None:
    every = Interval(every_s=6 * 3600, anchor=NOON)
    assert list(islice(iter_occurrences(every, BERLIN, after=NOON - timedelta(days=3)), 2)) == [
        NOON,
        NOON + timedelta(hours=6),
    ]
    assert next(iter_occurrences(every, BERLIN, after=NOON + timedelta(hours=7))) == NOON + timedelta(
        hours=12
    )
    assert validate_rule(Interval(every_s=60), now=NOON) == Interval(every_s=60, anchor=NOON)


def test_moments_end_with_the_calendar() -> None:
    every = Interval(every_s=366 * 86_400, anchor=datetime(9998, 6, 1, tzinfo=UTC))
    assert len(list(iter_occurrences(every, BERLIN, after=NOON))) == 2


def test_a_year_that_nobody_looked_at_costs_no_year_of_moments() -> None:
    """The newest of thousands of occurrences is found without enumeration: here the last one is weeks ago."""
    in_january = Cron(expression="59 * * 1 *")
    until = datetime(2027, 3, 1, tzinfo=UTC)
    newest = find_newest_until(
        in_january, ZoneInfo("UTC"), after=datetime(2020, 1, 1, tzinfo=UTC), until=until
    )
    assert newest == datetime(2027, 1, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("0 2 * *", "it takes minute, hour, day of the month, month and day of the week"),
        ("0 0 2 * * *", "it takes minute, hour"),
        ("60 2 * * *", "bad minute"),
        ("0 2 31 2 *", "bad day-of-month"),
        ("0 2 * * FUNDAY", "bad day-of-week"),
        ("*/0 * * * *", "bad minute"),
    ],
)
def test_what_is_no_cron_expression_is_refused(expression: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        validate_rule(Cron(expression=expression), now=NOON)


@given(expression=st.text(alphabet="0123456789*/,-#L W²MONJAN", max_size=30))
def test_whatever_is_taken_has_moments_or_none_and_the_rest_is_refused(expression: str) -> None:
    try:
        when = validate_rule(Cron(expression=expression), now=NOON)
    except InvalidInputError:
        return
    assert all(one > NOON for one in islice(iter_occurrences(when, BERLIN, after=NOON), 2))


def test_zones_are_known_by_their_names() -> None:
    assert get_zone("Europe/Berlin") == BERLIN
    for name in (
        "Mars/Olympus",
        "",
        "../etc/passwd",
        "Europe",
        "localtime",
        "posixrules",
        "posix/Europe/Berlin",
    ):
        with pytest.raises(InvalidInputError, match="not a known time zone"):
            get_zone(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("JST", "; JST is the time of 'Asia/Tokyo': write that name"),
        (
            "aest",
            "; AEST is the time of 'Antarctica/Macquarie', 'Australia/ACT', 'Australia/Brisbane' ...: write",
        ),
        ("Asia/Tokio", "; did you mean 'Asia/Tokyo'?"),
    ],
)
def test_an_unknown_zone_is_answered_with_the_zones_that_may_be_meant(name: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        get_zone(name)
    assert said in str(raised.value)


def test_people_read_when_it_is() -> None:
    assert describe_rule(Cron(expression="0 2 * * *"), BERLIN) == "cron 0 2 * * *"
    assert describe_rule(Interval(every_s=21_600), BERLIN) == "every 6 h"
    assert describe_rule(Moment(at=NOON), BERLIN) == "once, 2026-04-01 14:00:00+02:00"
