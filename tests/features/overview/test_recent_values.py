"""Small lines of the gate fidelity in the last weeks."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from qdash_api.samples import read_samples
from qdash_builtin.metrics.views.annotations import AnnotationDocument, ChipAnnotationsDocument
from qdash_builtin.metrics.views.metric_statistics import DayStatisticsDocument, MetricStatisticsDocument
from qdash_builtin.overview.pages.recent_values import format_recent
from qdash_ui_streamlit.view import View

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SAMPLE = MetricStatisticsDocument(**read_samples("qdash_builtin")["MetricStatisticsDocument"])


def make_statistics(*medians: float, within: int | None = 1) -> MetricStatisticsDocument:
    """Return statistics of the last days with these medians of two values."""
    days = [
        DayStatisticsDocument(at=NOW - timedelta(days=ago), n=2, median=one, within=within)
        for ago, one in zip(reversed(range(len(medians))), medians, strict=True)
    ]
    return SAMPLE.model_copy(update={"sets": [SAMPLE.sets[0].model_copy(update={"days": days})]})


def make_view() -> View:
    connection: Any = SimpleNamespace(now=lambda: NOW)
    me: Any = SimpleNamespace(role=None)
    return View(connection, me, "default", ZoneInfo("UTC"))


def make_annotations(*days: float) -> ChipAnnotationsDocument:
    items = [
        AnnotationDocument(
            kind="note",
            at=NOW - timedelta(days=one),
            text=f"<b>pump</b> {one}",
            username="ann",
            targets=[],
            metrics=[],
            record_kind="note",
            record_id="1",
        )
        for one in days
    ]
    return ChipAnnotationsDocument(chip_id="a", items=items)


def read_lines(found: MetricStatisticsDocument, *annotations: float) -> list[tuple[str, str, str]]:
    """Return picture, text for screen readers and newest number of each line."""
    said = format_recent(make_view(), found, make_annotations(*annotations))
    shown = re.findall(r'title="([^"]*)".*?base64,([^"]*)" alt="([^"]*)".*?<b>(.*?)</b>', said)
    assert all(title == text for title, _, text, _ in shown)
    return [(b64decode(data).decode(), unescape(text), value) for _, data, text, value in shown]


def list_places(picture: str) -> list[tuple[float, ...]]:
    (points,) = re.findall(r'points="([^"]*)"', picture)
    return [tuple(map(float, one.split(","))) for one in points.split()]


def test_lines_have_a_picture_with_ends_extremes_and_the_newest_number() -> None:
    median, good = read_lines(make_statistics(80.0, 70.0, 70.0, 90.0))
    assert median[1].endswith(
        "values measured in the last 4 weeks: 80\xa0µs on 2026-11-26, 90\xa0µs now; lowest 70\xa0µs, highest 90\xa0µs"
    )
    assert (median[2], good[2]) == ("90\xa0µs", "1 of 2")


def test_without_a_specification_the_measured_targets_are_counted() -> None:
    assert read_lines(make_statistics(80.0, 90.0, within=None))[1][2] == "2 of 2"


def test_days_are_equal_steps() -> None:
    ((picture, _, _), _) = read_lines(make_statistics(80.0, 90.0, 90.0, 90.0, 80.0))
    places = list_places(picture)
    steps = {round(after[0] - before[0], 1) for before, after in pairwise(places)}
    assert (len(places), steps) == (5, {22.0})
    assert [y for _, y in places] == [places[0][1], *[places[1][1]] * 3, places[0][1]]
    assert places[1][1] < places[0][1], "larger values are above"


def test_equal_values_are_a_line_in_the_middle_and_all_good_targets_one_at_the_top() -> None:
    median, good = read_lines(make_statistics(80.0, 80.0, 80.0, within=2))
    assert {y for _, y in list_places(median[0])} == {13.0}
    assert {y for _, y in list_places(good[0])} == {4.0}


def test_a_single_day_is_a_dot() -> None:
    median, _ = read_lines(make_statistics(90.0))
    assert (len(list_places(median[0])), "first measured in the last 24 h" in median[1]) == (1, True)


def test_annotations_are_marks_at_their_times_and_those_at_one_place_are_one() -> None:
    found = make_statistics(80.0, 80.0, 80.0, 80.0, 90.0)
    median, _ = read_lines(found, 30.0, 2.0, 1.99, 1.0)
    assert re.findall(r'<path d="M([\d.]+) 2V', median[0]) == ["48.0", "70.0"], "not that before the line"
    assert median[1].endswith(
        "annotations: 11-28 <b>pump</b> 1.0, 11-27 <b>pump</b> 1.99, 11-27 <b>pump</b> 2.0"
    )


def test_without_values_there_are_no_lines() -> None:
    assert format_recent(make_view(), None, None) == ""
    assert format_recent(make_view(), make_statistics(), None) == ""
    assert format_recent(make_view(), make_statistics(80.0), None).count("<img") == 2
