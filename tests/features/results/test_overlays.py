"""Overlays: the points and fits of several results on the same axes; those that do not fit are refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import InvalidInputError, RawData, TaskOutput
from qdash_core.tasks.colours import DISTINCT

from ...access import ADMIN
from ...core.bench import make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

RAW = RawData({"signal": ([4.0, 5.0, 6.0], "a.u.")})


def make_drawing_task(
    name: str, x_title: str, kind: str = "scatter", y_title: str = "Signal"
) -> type[BaseTask]:
    def draw(_raw: RawData, _output: TaskOutput) -> dict[str, Any]:
        points = {"type": kind, "mode": "markers", "x": [0, 1], "y": [1, 2], "error_y": {"array": [1, 1]}}
        shots = {"type": kind, "mode": "markers", "x": [0, 1], "y": [5, 5]}
        line = {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [1, 2]}
        residual = {**points, "yaxis": "y2"}
        titles = {"xaxis": x_title, "yaxis": y_title, "yaxis2": "Residual (σ)"}
        layout = {axis: {"title": {"text": text}} for axis, text in titles.items()}
        return {"data": [points, line, shots, residual], "layout": layout}

    return make_task(name, measure=lambda *_: RAW, figure=staticmethod(draw))


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(
        make_drawing_task("Decay", "Delay (µs)"),
        make_drawing_task("Rabi", "Length (ns)"),
        make_drawing_task("Long", "Delay (ms)", y_title="Signal (%)"),
        make_drawing_task("Detuned", "Delay (MHz)"),
        make_drawing_task("Map", "Delay (µs)", "heatmap"),
        make_task("Silent", measure=lambda *_: None),
    )


def run(bench: Bench, name: str) -> str:
    (result,) = bench.list_results(bench.run(name).execution_id)
    return result.task_id


def test_results_are_overlaid_in_colours_with_one_entry_of_the_legend_each(bench: Bench) -> None:
    first, second = run(bench, "Decay"), run(bench, "Decay")
    overlay = bench.qdash.get(RESULTS).overlay(ADMIN, first, [second])
    data = overlay.figure["data"]
    assert [(one["legendgroup"], one["mode"]) for one in data] == [
        (first, "markers"),
        (first, "lines"),
        (second, "markers"),
        (second, "lines"),
    ]
    assert [one["showlegend"] for one in data] == [True, False, True, False]
    assert data[0]["marker"]["color"] == data[1]["line"]["color"] != data[2]["marker"]["color"]
    assert [one.task_id for one in overlay.results] == [first, second]


def test_results_that_do_not_fit_are_refused_with_the_reason(bench: Bench) -> None:
    first = run(bench, "Decay")
    others = [run(bench, "Rabi"), run(bench, "Map"), run(bench, "Silent"), first[:20], "unknown"]
    overlay = bench.qdash.get(RESULTS).overlay(ADMIN, first, others)
    assert [one.task_id for one in overlay.results] == [first]
    reasons = [overlay.refused[one] for one in others]
    assert reasons[0] == "its x axis is Length (ns), not Delay (µs)"
    assert reasons[1] == "the figure of Map does not show points over one axis"
    assert "has no raw data to draw" in reasons[2]
    assert reasons[3] == "it is drawn already"
    assert "unknown" in reasons[4]


def test_a_map_is_not_overlaid(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match="does not show points over one axis"):
        bench.qdash.get(RESULTS).overlay(ADMIN, run(bench, "Map"), [])


def test_results_are_drawn_in_the_units_of_the_first(bench: Bench) -> None:
    overlay = bench.qdash.get(RESULTS).overlay(ADMIN, run(bench, "Decay"), [run(bench, "Long")])
    assert overlay.refused == {}
    layout, (_, _, points, line) = overlay.figure["layout"], overlay.figure["data"]
    assert layout["xaxis"]["title"]["text"] == "Delay (µs)"
    assert (points["x"], points["y"], points["error_y"]["array"]) == ([0, 1000], [0.01, 0.02], [0.01, 0.01])
    assert (line["x"], line["y"]) == ([0, 1000], [0.01, 0.02])


def test_a_unit_of_another_dimension_is_refused_with_both_units(bench: Bench) -> None:
    other = run(bench, "Detuned")
    overlay = bench.qdash.get(RESULTS).overlay(ADMIN, run(bench, "Decay"), [other])
    assert (
        overlay.refused[other] == "its x axis is Delay (MHz), not Delay (µs): MHz cannot be converted to µs"
    )


def test_the_colours_of_results_are_safe_for_all_colour_vision(bench: Bench) -> None:
    others = [run(bench, "Decay") for _ in range(2)]
    data = bench.qdash.get(RESULTS).overlay(ADMIN, run(bench, "Decay"), others).figure["data"]
    assert [one["marker"]["color"] for one in data if one["mode"] == "markers"] == [*DISTINCT[:3]]
