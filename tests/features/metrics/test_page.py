"""Metrics page: figures of statistics, and the page of a chip with and without values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.metrics.pages import metrics
from qdash_builtin.metrics.pages.metric_figures import (
    MOST_ERROR_BARS,
    make_correlation_figure,
    make_cumulative,
    make_histogram,
    make_series_figure,
)
from qdash_builtin.metrics.pages.value_selection import ValueSelection
from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.chip import ParameterModel
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_ui_streamlit.display.markdown import escape_message

if TYPE_CHECKING:
    from ...ui.conftest import DashboardPages

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
HOSTILE = "<img src=x onerror=alert(1)>"
FIDELITY: dict[str, Any] = {
    "title": "Fidelity",
    "unit": "%",
    "scale": 100.0,
    "better": "maximize",
    "magnitude": False,
    "threshold": 0.985,
    "specification": "at least 98.5 %",
}


def make_set(values: dict[str, float], **more: Any) -> dict[str, Any]:
    ordered = sorted(values.values())
    cdf = [[value, (place + 1) / len(ordered)] for place, value in enumerate(ordered)]
    return {
        "chip_id": "a",
        "summary": {"unit": "", "targets": 4, "n": len(values), "missing": 4 - len(values), "cdf": cdf},
        "values": [{"target": target, "value": value, "error": 0.001} for target, value in values.items()],
        "missing": [],
        "set_aside": [],
        "other_units": [],
        "series": [],
        "cooldowns": [],
        **more,
    }


def make_document(*sets: dict[str, Any], **more: Any) -> MetricStatisticsDocument:
    shared = {
        "metric": "fidelity",
        "kind": "qubit",
        "unit": "",
        "mode": "latest",
        "definition": FIDELITY,
        "histogram": {"edges": [0.98, 0.99, 1.0], "counts": [[1, 2], [0, 4]][: len(sets)], "scale": "linear"},
    }
    return MetricStatisticsDocument.model_validate({**shared, "sets": list(sets), **more})


def make_series(target: str, values: list[float], error: float | None = 0.001) -> dict[str, Any]:
    points = [
        {
            "at": NOON + timedelta(days=day),
            "value": value,
            "task_id": f"r{day}",
            **({} if error is None else {"error": error}),
        }
        for day, value in enumerate(values)
    ]
    return {"target": target, "points": points}


VALUES = {"0": 0.98, "1": 0.99, "2": 1.0}


def test_a_histogram_has_steps_in_the_display_unit_and_its_limit() -> None:
    figure = make_histogram(make_document(make_set(VALUES)), ["a"])
    (trace,) = figure["data"]
    assert trace["x"] == [98.0, 98.0, 99.0, 99.0, 100.0, 100.0]
    assert trace["y"] == [0, 1, 1, 2, 2, 0]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [98.5]
    assert figure["layout"]["annotations"][0]["text"] == "at least 98.5\N{NO-BREAK SPACE}%"
    assert (figure["layout"]["yaxis"]["title"]["text"], figure["layout"]["showlegend"]) == (
        "Number of qubits",
        False,
    )


def test_the_axis_of_a_few_targets_counts_whole_ones() -> None:
    figure = make_histogram(make_document(make_set(VALUES)), ["a"])
    assert figure["layout"]["yaxis"]["dtick"] == 1
    histogram = {"edges": [0.98, 0.99, 1.0], "counts": [[1, 20]], "scale": "linear"}
    many = make_histogram(make_document(make_set(VALUES), histogram=histogram), ["a"])
    assert "dtick" not in many["layout"]["yaxis"]


def test_latest_values_without_a_range_are_those_of_a_point_in_time() -> None:
    points = [
        ValueSelection().get_point_in_time(),
        ValueSelection(cooldown="c-1").get_point_in_time(),
        ValueSelection(since=NOON).get_point_in_time(),
        ValueSelection("median", cooldown="c-1").get_point_in_time(),
    ]
    assert points == ["now", "cooldown:c-1", None, None]


def test_two_sets_are_shares_and_differ_in_colour_and_line() -> None:
    figure = make_histogram(make_document(make_set(VALUES), make_set(VALUES)), ["a", "b"])
    first, second = figure["data"]
    assert max(first["y"]) == pytest.approx(200 / 3)
    assert max(second["y"]) == 100
    assert first["line"]["color"] != second["line"]["color"]
    assert first["line"]["dash"] != second["line"]["dash"]
    assert figure["layout"]["yaxis"]["title"]["text"] == "Share of the measured targets (%)"
    first, second = make_cumulative(make_document(make_set(VALUES), make_set(VALUES)), ["a", "b"])["data"]
    assert (first["x"], first["y"][-1]) == ([98.0, 98.0, 99.0, 100.0], 100)


def test_a_set_without_values_and_a_far_limit_are_not_drawn() -> None:
    far = {**FIDELITY, "threshold": 0.1}
    found = make_document(make_set(VALUES), make_set({}), definition=far)
    figure = make_cumulative(found, ["a", "b"])
    assert (len(figure["data"]), figure["layout"]["shapes"]) == (1, [])


def test_values_with_time_have_error_bars_and_gaps() -> None:
    series = [make_series("0", [0.98, 0.99]), make_series("1", [0.97], error=None)]
    found = make_document(make_set(VALUES, series=series))
    figure = make_series_figure(found, ["a"], UTC_ZONE)
    (trace,) = figure["data"]
    assert trace["y"] == [98.0, 99.0, None, 97.0, None]
    assert trace["error_y"]["array"] == pytest.approx([0.1, 0.1, None, None, None])
    texts = [one["text"] for one in figure["layout"]["annotations"]]
    assert texts == ["at least 98.5\N{NO-BREAK SPACE}%"]
    chosen = make_series_figure(found, ["a"], UTC_ZONE, selected=["1"])["data"]
    assert [(one["name"], one["y"]) for one in chosen] == [
        ("other targets", [98.0, 99.0, None]),
        ("1", [97.0, None]),
    ]


def test_of_many_values_only_highlighted_ones_have_error_bars() -> None:
    series = [make_series("0", [0.98] * MOST_ERROR_BARS), make_series("1", [0.97])]
    figure = make_series_figure(
        make_document(make_set(VALUES, series=series)), ["a"], UTC_ZONE, selected=["1"]
    )
    behind, front = figure["data"]
    assert ("error_y" in behind, "error_y" in front) == (False, True)


def test_pairs_have_error_bars_in_both_display_units() -> None:
    pairs = [
        {"target": "0", "x": 0.98, "x_error": 0.001, "y": 80.0},
        {"target": "1", "x": 0.99, "y": 90.0, "y_error": 2.0},
    ]
    correlation = {"n": 2, "fewest": 8, "pairs": pairs}
    found = make_document(make_set(VALUES, correlation=correlation), other_metric=HOSTILE, other_unit="us")
    figure = make_correlation_figure(found, [HOSTILE])
    (trace,) = figure["data"]
    assert (trace["x"], trace["y"]) == ([98.0, 99.0], [80.0, 90.0])
    assert trace["error_x"]["array"] == pytest.approx([0.1, None])
    assert trace["error_y"]["array"] == [None, 2.0]
    assert figure["layout"]["yaxis"]["title"]["text"] == "&lt;img src=x onerror=alert(1)&gt; (µs)"
    assert "<img" not in trace["name"]


@pytest.mark.slow
def test_the_page_shows_a_metric_and_stays_after_an_error(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    assert "no chip yet" in dashboard_pages.page(metrics.render, "viewer").info[0].value
    for chip_id in ("a", "b"):
        qdash.get(CHIPS).create(
            qdash.access("owner"), chip_id, get_builtin_topology("linear-16"), backend="fake"
        )
    empty = dashboard_pages.page(metrics.render, "viewer", chip="a", metric="t1")
    assert "No target has a value of this metric" in empty.info[0].value
    project_id = dashboard_pages.view("viewer").project_id
    for qid in ("0", "1"):
        value = ParameterModel(value=80.0 + int(qid), error=2.0, unit="us", calibrated_at=NOON, task_id="r1")
        qdash.repositories.of(QubitCalibrationRepository).update_calib_data(
            project_id, "a", qid, {"t1": value, "t2_echo": value}
        )
    page = dashboard_pages.page(
        metrics.render,
        "viewer",
        chip="a",
        metric="t1",
        view="correlation",
        than_chip="b",
        **{"with": "t2_echo"},
    )
    assert not page.exception
    said = "".join(one.value for one in page.markdown)
    assert "**a**: no coefficient: 2 targets have both values, and it needs 8." in said
    assert [one.value for one in page.selectbox if one.label == "Compare with chip"] == ["b"]
    facts = " ".join(one.proto.body for one in page.get("html"))
    assert "80.2 to 80.8\N{NO-BREAK SPACE}µs" in facts, (
        "quartiles have the digits of the error of the mean, 0.5 µs"
    )
    qdash.get(CRYOSTATS).create(qdash.access("owner"), "K")
    qdash.get(COOLDOWNS).create(qdash.access("owner"), "c-1", "K", chip_ids=["a"], started_at=NOON)
    for mode, name in (("latest", "Any time"), ("median", "Current cool-down")):
        shown = dashboard_pages.page(metrics.render, "viewer", chip="a", metric="t1", mode=mode)
        (measured,) = [one for one in shown.selectbox if one.label == "Measured"]
        assert measured.options[0] == name
    both = dashboard_pages.page(
        metrics.render, "viewer", chip="a", metric="t1", mode="median", cooldown="c-1", than="any"
    )
    named = " ".join(one.proto.body for one in both.get("html"))
    assert "a, median, cool-down c-1" in named
    assert "a, median, current cool-down" in named
    compared = dashboard_pages.page(
        metrics.render, "viewer", chip="a", metric="t1", cooldown="c-1", than="any"
    )
    links = [one.value for one in compared.markdown if "compare?" in one.value]
    assert ["before=now&after=cooldown%3Ac-1" in one for one in links] == [True]
    refused = dashboard_pages.page(metrics.render, "viewer", chip="a", metric=HOSTILE)
    assert f"There is no metric '{escape_message(HOSTILE)}'" in refused.warning[0].value
    assert [one.label for one in refused.selectbox][:2] == ["Chip", "Metric"], "another one can be selected"
    wrong = dashboard_pages.page(metrics.render, "viewer", chip="a", mode="worst")
    assert "use one of latest, best, average, median" in wrong.error[0].value
