"""Plots of trends: flagged values, and the unit of sizes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from qdash_builtin.metrics.pages.specification import Scale
from qdash_builtin.metrics.pages.trend_plot import draw_plot, make_frame
from qdash_builtin.metrics.text_output.trends import describe_trend
from qdash_builtin.metrics.views.trends import (
    ChangePointDocument,
    SpreadDocument,
    TrendDocument,
    TrendPointDocument,
)

START = datetime(2026, 11, 1, 2, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def _make_point(day: int, value: float) -> TrendPointDocument:
    return TrendPointDocument(at=START + timedelta(days=day), value=value, error=3.0, task_id=f"r{day}")


def _make_trend(**more: object) -> TrendDocument:
    points = [_make_point(day, 80.0 + day) for day in range(3)]
    shared = {"target": "3", "metric": "t1", "unit": "us", "n": 3, "points": points, "change_points": []}
    return TrendDocument.model_validate(shared | more)


def test_a_newer_flagged_value_is_hollow_within_the_range_and_named() -> None:
    trend = _make_trend(flagged=[_make_point(5, 210.0)])
    plot = draw_plot(trend, Scale("T1", "us"), UTC_ZONE)
    assert plot.count('class="point"') == 3
    ((place, height),) = re.findall(r'class="flagged" cx="([\d.]+)" cy="([\d.]+)"', plot)
    assert float(place) == 292
    assert float(height) > 20
    assert ">11-06<" in plot
    assert describe_trend(trend, unit="us", scale=1.0, zone=UTC_ZONE) == [
        "newest measured 210(3) µs, flagged"
    ]


def test_sizes_are_in_noise_sd_and_spreads_in_a_unit_that_suits_them() -> None:
    change = ChangePointDocument(
        before=START, after=START + timedelta(days=1), size=-31, error=4, deviations=8.2, q_value=0.001
    )
    spread = SpreadDocument(value=5.2e-6, error=1.4e-6, reduced_chi2=9.0, q_value=0.001, significant=True)
    trend = _make_trend(unit="GHz", change_points=[change], spread=spread)
    assert "8.2 noise sd" in draw_plot(trend, Scale("frequency", "GHz"), UTC_ZONE)
    *_, words = describe_trend(trend, unit="GHz", scale=1.0, zone=UTC_ZONE)
    assert words == "spread 5.2(14) kHz beyond the error bars"


def test_the_frame_of_a_plot_has_the_times_at_its_ends_in_the_zone_of_the_user() -> None:
    frame = make_frame(_make_trend(), ZoneInfo("Asia/Tokyo"))
    assert (frame["start"], frame["end"]) == ("2026-11-01T11:00:00", "2026-11-03T11:00:00")
    places = re.findall(r'class="point" cx="([\d.]+)"', draw_plot(_make_trend(), Scale("T1", "us"), UTC_ZONE))
    assert [float(places[0]), float(places[-1])] == [frame["left"], frame["left"] + frame["width"]]
