"""Display of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from qdash_cli.rendering.times import format_short_time, format_time, format_time_header

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_a_time_by_itself_carries_its_zone() -> None:
    assert format_time(NOON, BERLIN) == "2026-11-21 13:00:00+01:00"
    assert format_time(None, BERLIN) == ""


def test_a_time_of_a_table_has_its_year_where_that_is_another() -> None:
    assert format_short_time(NOON, BERLIN, now=NOON) == "11-21 13:00"
    assert format_short_time(NOON, BERLIN, now=NOON + timedelta(days=60)) == "2026-11-21 13:00"
    assert format_short_time(None, BERLIN) == ""


def test_a_column_of_times_names_its_zone_once() -> None:
    assert format_time_header("begun", BERLIN, [NOON, None, NOON]) == "begun (CET)"
    assert format_time_header("begun", BERLIN, [NOON, NOON - timedelta(days=120)]) == "begun (CET/CEST)"
    assert format_time_header("begun", ZoneInfo("America/Sao_Paulo"), [NOON]) == "begun (UTC-03)"
    assert format_time_header("begun", BERLIN, [None]) == "begun"
