"""Plots of trends: flagged values, and the unit of sizes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from qdash_builtin.metrics.pages.specification import Scale
from qdash_builtin.metrics.pages.trend_plot import draw_plot
from qdash_builtin.metrics.text_output.trends import describe_trend
from qdash_builtin.metrics.views.trends import (
    ChangePointDocument,
    SpreadDocument,
    TrendDocument,
    TrendPointDocument,
)
from qdash_builtin.notes.pages.note_bands import NoteBand, clip_bands, make_band_labels, make_band_shapes

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


def test_a_note_on_a_time_range_is_a_band_with_its_text() -> None:
    begin, end = START + timedelta(days=1), START + timedelta(days=9)
    band = NoteBand("3", "t1", begin, end, "<b>warm</b> fridge while the pump was repaired", "ann")
    plot = draw_plot(_make_trend(), Scale("T1", "us"), UTC_ZONE, bands=[band])
    ((place, width),) = re.findall(r'class="note" x="([\d.]+)" y="20" width="([\d.]+)"', plot)
    assert (float(place), float(width)) == (150, 142), "until the end of the plot"
    assert "<title>&lt;b&gt;warm&lt;/b&gt; fridge while the pump was repaired (ann)</title>" in plot
    [clipped] = clip_bands([band], START, START + timedelta(days=2))
    assert (clipped.start, clipped.end) == (begin, START + timedelta(days=2)), "no longer than the axis"
    assert clip_bands([band], START, START + timedelta(hours=1)) == []
    [shape] = make_band_shapes([band], ZoneInfo("Asia/Tokyo"))
    assert (shape["x0"], shape["x1"]) == ("2026-11-02T11:00:00", "2026-11-10T11:00:00")
    [label] = make_band_labels([band], UTC_ZONE)
    assert label["text"] == "&lt;b&gt;warm&lt;/b&gt; fridge …"
    assert "pump was repaired (ann)" in label["hovertext"].replace("<br>", " ")
