"""Nights as points in time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.values.point_in_time import PointInTime, PointKind


@pytest.mark.parametrize(
    ("text", "start"), [("last-night", "2026-11-27 18:00"), ("night-before-last", "2026-11-26 18:00")]
)
def test_a_night_is_its_start_as_a_point_in_time(text: str, start: str) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    now = datetime(2026, 11, 28, 14, tzinfo=zone)
    point = PointInTime.parse(text, zone, now=now)
    assert (point.kind, point.moment) == (PointKind.TIME, datetime.fromisoformat(start).replace(tzinfo=zone))
