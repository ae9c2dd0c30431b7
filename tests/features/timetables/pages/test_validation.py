"""Form of a timetable: its input becomes a timetable, or an error beside the field."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.timetables.digests import DigestActivity
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_builtin.timetables.pages.timetable_validation import TimetableFormValues, validate_timetable_form
from qdash_builtin.timetables.runs import RunActivity
from qdash_core.models.request import RunRequest

if TYPE_CHECKING:
    from qdash_builtin.timetables.requests import TimetableRequest

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REQUEST = RunRequest(flow="check", chip_id="a")
ZURICH = ZoneInfo("Europe/Zurich")


def make_values(**more: Any) -> TimetableFormValues:
    return TimetableFormValues(
        **{"name": "night", "kind": "cron", "zone": "Europe/Zurich", "cron": "0 2 * * *", **more}
    )


def make_request(**more: Any) -> TimetableRequest:
    found = validate_timetable_form(make_values(**more), RunActivity(REQUEST), NOW)
    assert found.body is not None, found.problems
    return found.body


def test_a_daily_and_a_weekly_start_are_cron_expressions() -> None:
    at = time(22, 5)
    assert make_request(kind="daily", at=at).when == Cron(expression="5 22 * * *")
    assert make_request(kind="weekly", at=at, days=["Fri", "Mon"]).when == Cron(expression="5 22 * * Mon,Fri")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"kind": "daily"}, "select a time"),
        ({"kind": "weekly", "at": time(22)}, "select a day of the week"),
    ],
)
def test_a_daily_or_weekly_start_needs_a_time_and_days(more: dict[str, Any], problem: str) -> None:
    found = validate_timetable_form(make_values(**more), RunActivity(REQUEST), NOW)
    assert (found.body, found.problems["when"]) == (None, problem)


def test_a_cron_expression_is_parsed_in_the_zone_with_its_first_starts() -> None:
    found = validate_timetable_form(make_values(), RunActivity(REQUEST), NOW)
    assert found.body is not None
    assert (found.body.name, found.body.request, found.body.timezone) == ("night", REQUEST, "Europe/Zurich")
    assert found.body.when == Cron(expression="0 2 * * *")
    assert [one.astimezone(ZURICH) for one in found.starts] == [
        datetime(2026, 11, day, 2, tzinfo=ZURICH) for day in (22, 23, 24)
    ]


def test_a_digest_takes_the_place_of_the_run() -> None:
    digest = DigestRequest(chip_id="a", since="18:00")
    found = validate_timetable_form(make_values(cron="0 8 * * *"), DigestActivity(digest), NOW)
    assert found.body is not None
    assert found.body.digest == digest


def test_a_single_start_is_a_time_in_the_zone() -> None:
    body = make_request(kind="once", day=date(2026, 11, 22), at=time(2))
    assert body.when == Moment(at=datetime(2026, 11, 22, 1, tzinfo=UTC))


def test_an_interval_starts_one_interval_from_now() -> None:
    found = validate_timetable_form(make_values(kind="every", every="6h"), RunActivity(REQUEST), NOW)
    assert found.body is not None
    assert isinstance(found.body.when, Interval)
    assert found.starts == [NOW + number * timedelta(hours=6) for number in (1, 2, 3)]


def test_the_last_day_is_included() -> None:
    found = validate_timetable_form(make_values(last_day=date(2026, 11, 23)), RunActivity(REQUEST), NOW)
    assert found.body is not None
    assert found.body.until == datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=ZURICH)
    assert len(found.starts) == 2


def test_a_start_at_midnight_counts_to_the_day_that_begins() -> None:
    found = validate_timetable_form(
        make_values(cron="0 0 * * *", last_day=date(2026, 11, 23)), RunActivity(REQUEST), NOW
    )
    assert found.starts[-1] == datetime(2026, 11, 23, tzinfo=ZURICH)


def test_missed_starts_and_maximum_delay_are_in_the_request() -> None:
    body = make_request(missed="once", within="90min")
    assert (body.missed, body.begin_within_s) == ("once", 5400.0)
    assert (make_request().missed, make_request().begin_within_s, make_request().until) == (
        "skip",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"name": ""}, "name", "enter a name"),
        ({"cron": "61 * * * *"}, "when", "cron expression '61 * * * *'"),
        ({"cron": ""}, "when", "it takes minute, hour"),
        ({"cron": "0 2 30 2 *"}, "when", "0 2 30 2"),
        ({"kind": "every", "every": "soon"}, "when", "'soon' is not a length of time"),
        ({"kind": "every", "every": "5s"}, "when", "60"),
        ({"kind": "once", "day": date(2026, 11, 22)}, "when", "select a day and a time"),
        ({"kind": "once", "day": date(2026, 11, 21), "at": time(6)}, "when", "no start lies in the future"),
        ({"last_day": date(2026, 11, 20)}, "when", "no start lies in the future"),
        ({"zone": "Mars/Olympus"}, "zone", "'Mars/Olympus' is not a known time zone"),
        ({"within": "2 moons"}, "within", "is not a length of time"),
    ],
)
def test_invalid_input_is_reported_at_its_field(more: dict[str, Any], field: str, said: str) -> None:
    found = validate_timetable_form(make_values(**more), RunActivity(REQUEST), NOW)
    assert found.body is None
    assert [*found.problems] == [field]
    assert said in found.problems[field]


def test_the_first_starts_are_known_before_the_timetable_has_a_name() -> None:
    found = validate_timetable_form(make_values(name=""), RunActivity(REQUEST), NOW)
    assert (found.body, [*found.problems]) == (None, ["name"])
    assert len(found.starts) == 3
    assert found.when == Cron(expression="0 2 * * *")
