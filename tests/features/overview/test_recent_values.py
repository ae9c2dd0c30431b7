"""Small lines of the gate fidelity in the last weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from qdash_api.samples import read_samples
from qdash_builtin.metrics.views.metric_statistics import MetricSeriesDocument, MetricStatisticsDocument
from qdash_builtin.metrics.views.trends import TrendPointDocument
from qdash_builtin.overview.pages.recent_values import RECENT, format_recent, list_days
from qdash_ui_streamlit.view import View

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SAMPLE = MetricStatisticsDocument(**read_samples("qdash_builtin")["MetricStatisticsDocument"])


def make_statistics(**values: dict[int, float]) -> MetricStatisticsDocument:
    """Return statistics with the values of targets by their age in days."""
    series = [
        MetricSeriesDocument(
            target=target,
            points=[
                TrendPointDocument(at=NOW - timedelta(days=days, hours=1), value=value, task_id=f"{days}")
                for days, value in ages.items()
            ],
        )
        for target, ages in values.items()
    ]
    return SAMPLE.model_copy(update={"sets": [SAMPLE.sets[0].model_copy(update={"series": series})]})


def make_view() -> View:
    connection: Any = SimpleNamespace(now=lambda: NOW)
    me: Any = SimpleNamespace(role=None)
    return View(connection, me, "default", ZoneInfo("UTC"))


def test_each_day_has_the_newest_value_of_each_target() -> None:
    found = make_statistics(a={2: 0.98, 0: 0.99}, b={1: 0.97})
    assert list_days(found, NOW) == [[0.98], [0.98, 0.97], [0.99, 0.97]]


def test_a_value_at_the_start_lasts_until_the_end() -> None:
    assert list_days(make_statistics(a={27: 0.9}), NOW) == [[0.9]] * RECENT.days


def test_lines_have_a_picture_with_a_text_and_the_newest_number() -> None:
    said = format_recent(make_view(), make_statistics(a={2: 80.0, 0: 90.0}))
    assert said.count("<img src=") == said.count("the last 4 weeks") == 2
    assert "<b>90 " in said
    assert format_recent(make_view(), make_statistics(a={0: 90.0})).count("<img") == 0


def test_without_values_there_are_no_lines() -> None:
    assert format_recent(make_view(), None) == ""
    assert format_recent(make_view(), make_statistics()) == ""
