"""Trends page: plots of series, and the page without values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.pages import trends
from qdash_builtin.metrics.pages.specification import Scale
from qdash_builtin.metrics.pages.trend_plot import draw_plot
from qdash_builtin.metrics.views.trends import (
    ChangePointDocument,
    DriftDocument,
    TrendDocument,
    TrendPointDocument,
)
from qdash_core.chips.lattices import get_builtin_topology

if TYPE_CHECKING:
    from typing import Any

    from ...ui.conftest import DashboardPages

START = datetime(2026, 11, 1, 2, tzinfo=UTC)
PERCENT = Scale("X90 fidelity", "%", 100.0)


def make_trend(values: list[float], **more: Any) -> TrendDocument:
    points = [
        TrendPointDocument(at=START + timedelta(days=day), value=value, error=0.01, task_id=f"r{day}")
        for day, value in enumerate(values)
    ]
    shared = {"target": "3", "metric": "x90_gate_fidelity", "unit": "", "change_points": []}
    return TrendDocument(**{**shared, "n": len(points), "points": points, **more})


def find_numbers(plot: str, pattern: str) -> list[float]:
    return [float(one) for one in re.findall(pattern, plot)]


def draw(trend: TrendDocument) -> str:
    return draw_plot(trend, PERCENT, ZoneInfo("UTC"))


def test_a_plot_has_its_points_in_order_and_its_range_in_the_display_unit() -> None:
    plot = draw(make_trend([0.90, 0.95, 0.92]))
    places = find_numbers(plot, r'cx="([\d.]+)"')
    heights = find_numbers(plot, r'cy="([\d.]+)"')
    assert places == sorted(places)
    assert heights[1] < heights[2] < heights[0]
    assert "89.00 to 96.00 %" in plot
    assert (">11-01<" in plot, ">11-03<" in plot) == (True, True)


def test_a_change_point_is_a_line_between_its_values_with_its_size() -> None:
    change = ChangePointDocument(
        before=START, after=START + timedelta(days=1), size=-0.05, error=0.01, deviations=8.2, q_value=0.001
    )
    plot = draw(make_trend([0.99, 0.90, 0.91], change_points=[change]))
    first, second, _ = find_numbers(plot, r'cx="([\d.]+)"')
    (place,) = find_numbers(plot, r'class="change" x1="([\d.]+)"')
    assert first < place < second
    assert "8.2 noise sd" in plot
    unconfirmed = draw(make_trend([0.99, 0.98, 0.90], unconfirmed=change))
    assert ">unconfirmed<" in unconfirmed


def test_only_a_significant_drift_is_drawn() -> None:
    falls = {"per_day": -0.01, "error": 0.001, "q_value": 0.01}
    values = [0.95, 0.94, 0.93]
    drawn = draw(make_trend(values, drift=DriftDocument(**falls, significant=True)))
    (left, right), *_ = re.findall(
        r'class="drift" x1="[\d.]+" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)"', drawn
    )
    assert float(left) < float(right)
    assert "drift" not in draw(make_trend(values, drift=DriftDocument(**falls, significant=False)))


@pytest.mark.slow
def test_a_chip_without_values_says_so(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    assert "no chip yet" in dashboard_pages.page(trends.render, "viewer").info[0].value
    qdash.get(CHIPS).create(qdash.access("owner"), "a", get_builtin_topology("linear-16"), backend="fake")
    page = dashboard_pages.page(trends.render, "viewer", chip="a")
    assert "No accepted value of chip a yet" in page.info[0].value
    unknown = dashboard_pages.page(trends.render, "viewer", chip="nope")
    assert "There is no chip 'nope'" in unknown.warning[0].value
    assert [one.value for one in unknown.title] == ["Trends"]
    assert unknown.selectbox(key="trends.chip").options == ["a", "nope"]
