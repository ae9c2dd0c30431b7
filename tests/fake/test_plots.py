"""Figures of the tasks: data with error bars, fits, consistent residuals, and the values in a box."""

from __future__ import annotations

import json
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from qdash_analysis import fit_t1
from qdash_core import BaseTask, OutputParameter, Parameter, RawData, TaskOutput
from qdash_tasks.figures.plots import curve, figure, heatmap, left_out, points, residual_map, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box

X = np.linspace(0.0, 10.0, 21)


def decay(x: Any) -> Any:
    return np.exp(-np.asarray(x) / 3.0)


def measured(name: str = "measured", *, off: float = 0.0, sigma: float = 0.1) -> dict[str, Any]:
    return scatter(name, X, decay(X) + off * sigma, sigma=np.full_like(X, sigma))


def residuals(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in drawn["data"] if trace.get("yaxis") == "y2"]


class Task(BaseTask):
    name = "Task"
    output_parameters = MappingProxyType(
        {"t1": OutputParameter(unit="us"), "fidelity": OutputParameter(), "n": OutputParameter()}
    )


def test_residuals_are_drawn_below_in_units_of_the_bars() -> None:
    drawn = figure("T1", "Delay (µs)", "Signal (a.u.)", [measured(off=1.5), curve("fit", decay, X)])
    (below,) = residuals(drawn)
    assert below["x"] == pytest.approx(X)
    assert below["y"] == pytest.approx(np.full_like(X, 1.5), abs=1e-6)
    layout = drawn["layout"]
    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["xaxis"]["anchor"] == "y2"
    assert "σ" in layout["yaxis2"]["title"]["text"]


def test_the_line_passes_through_every_point_also_when_it_oscillates_fast() -> None:
    def fast(x: Any) -> Any:
        return np.sin(200 * np.asarray(x))

    exact = scatter("measured", X, fast(X), sigma=np.full_like(X, 1e-3))
    (below,) = residuals(figure("t", "x", "y", [exact, curve("fit", fast, X)]))
    assert below["y"] == pytest.approx(np.zeros_like(X), abs=1e-3)


@pytest.mark.parametrize(
    "order", [("one", "fit one", "two", "fit two"), ("one", "two", "fit one", "fit two")]
)
def test_each_line_belongs_to_the_first_points_that_have_none(order: tuple[str, ...]) -> None:
    traces = {
        "one": measured("one", off=1.0),
        "two": measured("two", off=-1.0),
        "fit one": curve("fit one", decay, X),
        "fit two": curve("fit two", decay, X),
    }
    drawn = figure("t", "x", "y", [traces[name] for name in order])
    assert {trace["name"]: round(trace["y"][0], 6) for trace in residuals(drawn)} == {
        "Residual, one": 1.0,
        "Residual, two": -1.0,
    }
    colours = {trace["name"]: trace.get("marker", trace.get("line"))["color"] for trace in drawn["data"]}
    assert colours["one"] == colours["fit one"] == colours["Residual, one"] != colours["two"]


def test_points_that_the_fit_left_out_are_marked() -> None:
    y = decay(X)
    y[8] += 0.5
    fit = fit_t1(X, y + 1e-3 * np.cos(7 * X), sigma=0.01)
    signal: Any = SimpleNamespace(x=X, y=y, sigma=np.full_like(X, 0.01))
    drawn = figure(
        "T1", "x", "y", [points("Measured", signal), curve("Fit", fit.predict, X), *left_out(signal, fit)]
    )
    (marked,) = (trace for trace in drawn["data"] if trace["name"] == "Left out")
    assert marked["x"] == list(fit.left_out) == [X[8]]
    assert marked["marker"]["symbol"] == "x-open"
    assert len(residuals(drawn)) == 1
    clean = fit_t1(X, decay(X) + 1e-3 * np.cos(7 * X), sigma=0.01)
    assert left_out(signal, clean) == []


def test_without_a_fit_there_is_no_panel_below() -> None:
    drawn = figure("t", "x", "y", [measured(), scatter("shots", X, X)])
    assert residuals(drawn) == []
    assert "yaxis2" not in drawn["layout"]


def test_the_box_has_every_value_with_error_and_unit() -> None:
    output = TaskOutput(
        {"t1": Parameter(81.52, 1.34, "us"), "fidelity": Parameter(0.98765, 0.00012), "n": Parameter(7)},
        quality={"reduced_chi2": 1.04},
    )
    (box,) = add_value_box(figure("t", "x", "y", [measured()]), Task, output)["layout"]["annotations"]
    assert box["text"].split("<br>") == [
        "<b>t1</b>",
        "81.5 ± 1.3\N{NO-BREAK SPACE}µs",
        "<b>fidelity</b>",
        "0.98765 ± 0.00012",
        "<b>n</b>",
        "7",
        "Reduced χ² = 1.04",
    ]
    assert (box["x"], box["xanchor"]) == (1, "left"), "it stands beside the data, not on them"


def test_without_values_there_is_no_box() -> None:
    drawn = figure("t", "x", "y", [measured()])
    assert add_value_box(drawn, Task, TaskOutput()) == drawn


def test_a_map_leaves_out_what_is_no_number() -> None:
    drawn = figure("t", "x", "y", [heatmap("P", [0, 1], [0, 1, 2], [[1, 2], [np.nan, 4], [5, 6]])])
    (trace,) = json.loads(json.dumps(drawn, allow_nan=False))["data"]
    assert trace["z"] == [[1, 2], [None, 4], [5, 6]]
    assert (trace["x"], trace["y"]) == ([0, 1], [0, 1, 2])


def test_a_map_has_its_residuals_in_a_panel_of_its_own() -> None:
    z, sigma = np.arange(6.0).reshape(3, 2), np.full((3, 2), 0.5)
    maps = residual_map(heatmap("P", [0, 1], [0, 1, 2], z), z - 1.0, sigma)
    drawn = figure("t", "x", "y", [*maps])
    (below,) = residuals(drawn)
    assert np.asarray(below["z"]) == pytest.approx(np.full((3, 2), 2.0))
    layout = drawn["layout"]
    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["yaxis2"]["title"]["text"] == "y"
    (box,) = add_value_box(drawn, Task, TaskOutput({"t1": Parameter(1.0, 0.1)}))["layout"]["annotations"]
    assert box["xshift"] > 50, "beside the scale of colours"


def test_a_search_over_decades_that_was_refused_has_a_logarithmic_axis() -> None:
    for sweep, kind in ((np.geomspace(0.1, 1000.0, 20), "log"), (X, None), (np.linspace(0, 400, 401), None)):
        arrays = {"fine_delay": sweep, "fine_iq": np.exp(1j * sweep), "fine_sigma": np.full(sweep.size, 0.1j)}
        raw = RawData({name: (array, "") for name, array in arrays.items()})
        assert draw_raw_traces(raw, x_name="delay", x_unit="us")["layout"]["xaxis"].get("type") == kind


def test_a_logarithmic_axis_says_that_it_has_no_place_for_zero() -> None:
    sweep = np.append(0.0, np.geomspace(0.1, 1000.0, 20))
    arrays = {"search_delay": sweep, "search_iq": np.exp(1j * sweep), "search_sigma": np.full(21, 0.1j)}
    raw = RawData({name: (array, "") for name, array in arrays.items()})
    axis = draw_raw_traces(raw, x_name="delay", x_unit="us")["layout"]["xaxis"]
    assert (axis["type"], axis["title"]["text"]) == ("log", "Delay (µs), 0 not shown")


def test_a_number_has_no_unit_in_brackets() -> None:
    arrays = {"ground_pulses": X, "ground_iq": X + 0j, "ground_sigma": X + 1j}
    raw = RawData({name: (array, "") for name, array in arrays.items()})
    assert (
        draw_raw_traces(raw, x_name="pulses", x_unit="")["layout"]["xaxis"]["title"]["text"]
        == "Number of pulses"
    )


def test_repetitions_that_were_refused_look_alike_and_share_their_entries_of_the_legend() -> None:
    arrays: dict[str, Any] = {}
    for name in ("fine", "fine_1", "fine_2"):
        arrays |= {f"{name}_delay": X, f"{name}_iq": X + 0j, f"{name}_sigma": X + 1j}
    drawn = draw_raw_traces(
        RawData({name: (array, "") for name, array in arrays.items()}), x_name="delay", x_unit="us"
    )
    assert [trace["name"] for trace in drawn["data"]] == 3 * ["fine I", "fine Q"]
    assert [trace["showlegend"] for trace in drawn["data"]] == [True, True] + 4 * [False]
    assert len({trace["marker"]["color"] for trace in drawn["data"]}) == 2


def test_the_legend_shows_small_points_larger_than_they_are() -> None:
    sizes = {size: figure("t", "x", "y", [scatter("shots", X, X, marker={"size": size})]) for size in (2, 5)}
    assert {size: drawn["layout"]["legend"].get("itemsizing") for size, drawn in sizes.items()} == {
        2: "constant",
        5: None,
    }


def test_residuals_have_room_and_two_standard_deviations_are_always_in_sight() -> None:
    for off, furthest in ((1.0, 2.5), (8.0, 10.0)):
        layout = figure("t", "x", "y", [measured(off=off), curve("fit", decay, X)])["layout"]
        assert layout["yaxis2"]["range"] == pytest.approx([-furthest, furthest], rel=1e-3)


def test_a_line_at_the_points_only_does_not_cross_where_nothing_was_measured() -> None:
    counts = np.append(np.arange(5.0), np.arange(29.0, 41.0))
    data = scatter("from |0>", counts, np.cos(counts) + 0.1, sigma=np.full(counts.size, 0.1))
    line = {**scatter("fit", counts, np.cos(counts)), "mode": "lines"}
    drawn = figure("t", "pulses", "signal", [data, line])
    _, fitted = drawn["data"][:2]
    assert fitted["x"] == [*counts[:5], None, *counts[5:]]
    assert fitted["y"][5] is None
    (below,) = residuals(drawn)
    assert below["y"] == pytest.approx(np.ones(counts.size), abs=1e-6)
    whole = figure("t", "x", "y", [measured(), curve("fit", decay, X)])["data"][1]
    assert None not in whole["x"]


def test_data_that_were_refused_are_shown_as_measured_with_their_bars() -> None:
    raw = RawData(
        {
            "fine_delay": (X, "us"),
            "fine_iq": (np.exp(1j * X), "a.u."),
            "fine_sigma": (np.full(X.size, 0.1 + 0.2j), "a.u."),
        }
    )
    in_phase, quadrature = draw_raw_traces(raw, x_name="delay", x_unit="us")["data"]
    assert in_phase["y"] == pytest.approx(np.cos(X) - np.cos(X).mean(), abs=1e-6)
    assert quadrature["y"] == pytest.approx(np.sin(X) - np.sin(X).mean(), abs=1e-6)
    assert (in_phase["error_y"]["array"][0], quadrature["error_y"]["array"][0]) == (0.1, 0.2)
