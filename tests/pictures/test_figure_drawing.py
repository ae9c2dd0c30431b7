"""A figure as an SVG with axes: ticks, titles, legend, panels and every kind of trace."""

from __future__ import annotations

import base64
import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from qdash_pictures.drawing_axis import find_step, make_axis
from qdash_pictures.drawing_frame import LEFT, WIDTH
from qdash_pictures.figure_drawing import draw_figure

from ..case_tables import each_case

SVG = "{http://www.w3.org/2000/svg}"


def draw(*data: dict[str, Any], **layout: Any) -> ET.Element:
    svg = draw_figure({"data": list(data), "layout": layout})
    assert svg is not None
    return ET.fromstring(svg)


def list_texts(drawn: ET.Element, style: str | None = None) -> list[str]:
    return [
        one.text or ""
        for one in drawn.iter(f"{SVG}text")
        if style is None or style in one.attrib["class"].split()
    ]


def list_paths(drawn: ET.Element, style: str) -> list[str]:
    """Return the paths with a class, inside the panels."""
    return [
        one.attrib["d"]
        for panel in drawn.iter(f"{SVG}svg")
        if panel is not drawn
        for one in panel.iter(f"{SVG}path")
        if style in one.attrib["class"].split()
    ]


def list_points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?\d+) (-?\d+)", path)]


def test_axes_have_round_numbers_and_titles_with_units() -> None:
    drawn = draw(
        {"mode": "markers", "x": [0, 100], "y": [0.0, 1.0]},
        title={"text": "T1 = 81.5 µs<br><sub>second line</sub>"},
        xaxis={"title": {"text": "Delay (µs)"}},
        yaxis={"title": "Signal (a.u.)"},
    )
    assert list_texts(drawn, "h") == ["T1 = 81.5 µs", "Delay (µs)", "Signal (a.u.)"]
    assert list_texts(drawn, "x") == ["0", "20", "40", "60", "80", "100"]
    assert list_texts(drawn, "y") == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


@each_case(
    ("low", "high", "labels"),
    [
        (4.6712, 4.6729, ["4.6715", "4.6720", "4.6725"]),
        (-2.0, 2.0, ["−2", "−1", "0", "1", "2"]),
        (0.0, 3e-5, ["0", "1e−05", "2e−05", "3e−05"]),
        (1e6, 5e6, ["1e+06", "2e+06", "3e+06", "4e+06", "5e+06"]),
        (0.0, 10.0, ["0", "5", "10"]),
    ],
)
def test_ticks_have_the_digits_of_their_step(low: float, high: float, labels: list[str]) -> None:
    axis = make_axis({}, [np.array([low, high])], margin=False)
    assert axis is not None
    assert [label for _, label in axis.list_ticks(4)] == labels


@each_case("least", [1e-12, 0.3, 1.0, 2.1, 7.0, 3e9])
def test_a_step_is_round_and_never_below_the_least(least: float) -> None:
    step = find_step(least)
    assert least * (1 - 1e-9) <= step <= 2.5 * least
    assert float(f"{step:.1e}") == pytest.approx(step)


def test_a_constant_trace_has_an_axis_of_finite_length() -> None:
    drawn = draw({"mode": "markers", "x": [1, 2, 3], "y": [5.0, 5.0, 5.0]})
    assert len({y for _, y in list_points(list_paths(drawn, "p")[0])}) == 1
    assert list_texts(drawn, "y")


def test_logarithmic_axes_have_powers_and_leave_out_values_below_zero() -> None:
    drawn = draw(
        {"mode": "markers", "x": [0, 1, 10, 1000], "y": [1, 1, 2, 3]}, xaxis={"type": "log", "title": "n"}
    )
    assert list_texts(drawn, "x") == ["1", "10", "100", "1000"]
    places = [x for x, _ in list_points(list_paths(drawn, "p")[0])]
    assert len(places) == 3
    assert places[1] - places[0] == pytest.approx((places[2] - places[1]) / 2, abs=1)


def test_a_short_logarithmic_axis_has_numbers_between_the_powers() -> None:
    drawn = draw({"mode": "markers", "x": [1, 8], "y": [0, 1]}, xaxis={"type": "log"})
    assert list_texts(drawn, "x") == ["1", "2", "5"]


def test_error_bars_reach_from_both_ends_and_are_within_the_axis() -> None:
    bars = {"type": "data", "array": [1.0, 2.0], "arrayminus": [0.5, 2.0], "visible": True}
    drawn = draw({"mode": "markers", "x": [0, 1], "y": [10.0, 20.0], "error_y": bars})
    (path,) = list_paths(drawn, "e")
    ends = [(float(a), float(b)) for a, b in re.findall(r" (-?\d+)V(-?\d+)", path)]
    points = list_points(list_paths(drawn, "p")[0])
    unit = (points[0][1] - points[1][1]) / 10
    assert [top - bottom for top, bottom in ends] == pytest.approx([-1.5 * unit, -4 * unit], abs=1.5)
    height = float(next(one for one in drawn.iter(f"{SVG}svg") if one is not drawn).attrib["height"])
    assert all(0 <= end <= height for pair in ends for end in pair)


def test_hidden_error_bars_and_traces_are_not_drawn() -> None:
    hidden = {"mode": "markers", "x": [0], "y": [500.0], "visible": "legendonly"}
    bars = {"array": [1.0, 1.0], "visible": False}
    drawn = draw({"mode": "markers", "x": [0, 1], "y": [0.0, 1.0], "error_y": bars}, hidden)
    assert list_paths(drawn, "e") == []
    assert len(list_paths(drawn, "p")) == 1


def test_several_named_traces_have_a_legend_in_the_style_of_the_traces() -> None:
    drawn = draw(
        {"mode": "markers", "name": "Measured", "x": [0, 1], "y": [0, 1]},
        {"mode": "lines", "name": "Fit", "x": [0, 1], "y": [0, 1]},
        {"mode": "lines", "name": "Guess", "x": [0, 1], "y": [1, 0], "showlegend": False},
    )
    assert list_texts(drawn, "l") == ["Measured", "Fit"]
    assert [one.attrib["class"] for one in drawn.findall(f"{SVG}path") if "l" in one.attrib["class"]] == [
        "p l k0",
        "f l k0",
    ]
    alone = draw({"mode": "markers", "name": "Measured", "x": [0, 1], "y": [0, 1]})
    assert list_texts(alone, "l") == []


def test_traces_of_one_colour_share_a_class() -> None:
    red, blue = {"marker": {"color": "#f00"}}, {"marker": {"color": "#00f"}}
    drawn = draw(*({"mode": "markers", "x": [0, 1], "y": [0, 1], **style} for style in (red, blue, red)))
    classes = [one.attrib["class"] for one in drawn.iter(f"{SVG}path") if one.attrib["class"].startswith("p")]
    assert classes == ["p k0", "p k1", "p k0"]


def test_panels_are_placed_by_their_domains_and_share_an_axis() -> None:
    residuals = {"mode": "markers", "x": [0, 1], "y": [-2, 2], "yaxis": "y2"}
    drawn = draw(
        {"mode": "markers", "x": [0, 10], "y": [0, 1]},
        residuals,
        xaxis={"title": "Delay", "anchor": "y2"},
        yaxis={"domain": [0.33, 1.0]},
        yaxis2={"domain": [0.0, 0.22], "title": "Residual (σ)"},
    )
    upper, lower = (one for one in drawn.iter(f"{SVG}svg") if one is not drawn)
    assert float(upper.attrib["y"]) + float(upper.attrib["height"]) < float(lower.attrib["y"])
    assert list_texts(drawn, "x") == ["0", "2", "4", "6", "8", "10"]
    assert list_points(list_paths(drawn, "p")[1])[1][0] < 0.2 * WIDTH


def test_bars_stand_on_zero_side_by_side_above_their_names() -> None:
    pair = (
        {"type": "bar", "x": ["00", "11"], "y": [0.5, 1.0]},
        {"type": "bar", "x": ["00", "11"], "y": [0.4, 0.9]},
    )
    drawn = draw(*pair)
    assert list_texts(drawn, "x") == ["00", "11"]
    first, second = list_paths(drawn, "b")
    assert first.count("z") == second.count("z") == 2
    assert list_points(first)[0][0] < list_points(second)[0][0] < list_points(first)[1][0]


def test_a_map_has_levels_a_scale_and_holes() -> None:
    z = np.add.outer(np.arange(100.0), np.arange(400.0))
    z[:, 100:200] = np.nan
    rows = [[None if value != value else value for value in row] for row in z.tolist()]
    drawn = draw({"type": "heatmap", "z": rows, "colorbar": {"title": {"text": "Signal"}}})
    levels = {one.attrib["class"] for one in drawn.iter(f"{SVG}path") if one.attrib["class"].startswith("c")}
    assert levels == {f"c{level}" for level in range(10)}
    assert {"498", "0", "Signal"} <= set(list_texts(drawn))
    svg = draw_figure({"data": [{"type": "heatmap", "z": rows}], "layout": {}})
    assert svg is not None
    assert len(svg) < 60_000


def test_a_map_of_differences_has_a_group_of_its_own_colours() -> None:
    drawn = draw({"type": "heatmap", "z": [[-1.0, 1.0]], "colorscale": "RdBu", "zmin": -5, "zmax": 5})
    assert {one.attrib["class"] for one in drawn.iter(f"{SVG}g")} == {"d"}


def test_a_cloud_has_axes_of_the_same_unit() -> None:
    rng = np.random.default_rng(1)
    cloud = {
        "mode": "markers",
        "x": rng.normal(size=5000).tolist(),
        "y": (0.1 * rng.normal(size=5000)).tolist(),
    }
    drawn = draw(cloud, yaxis={"scaleanchor": "x"})
    points = np.array(list_points(list_paths(drawn, "p")[0]))
    assert len(points) <= 160
    assert np.std(points[:, 0]) / np.std(points[:, 1]) == pytest.approx(10, rel=0.2)


def test_a_narrow_line_in_a_long_scan_is_still_seen_and_a_gap_stays() -> None:
    y: list[float | None] = [0.0] * 5000
    y[3333] = -1.0
    y[1000:2000] = [None] * 1000
    (path,) = list_paths(draw({"mode": "lines", "y": y}), "f")
    heights = [height for _, height in list_points(path)]
    assert max(heights) - min(heights) > 300
    assert path.count("M") == 2
    assert len(path) < 2500


def test_steps_are_drawn_along_x_first() -> None:
    (path,) = list_paths(
        draw({"mode": "lines", "line": {"shape": "hv"}, "x": [0, 1, 2], "y": [0, 1, 2]}), "f"
    )
    assert re.sub(r"[^MLHV]", "", path) == "MHVHV"


def test_shapes_behind_the_traces_are_drawn_in_their_panel() -> None:
    band = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": -1, "y1": 1}
    limit = {"type": "line", "xref": "x", "x0": 5, "x1": 5, "yref": "paper", "y0": 0, "y1": 1}
    elsewhere = {**band, "yref": "y7"}
    drawn = draw({"mode": "markers", "x": [0, 10], "y": [-2, 2]}, shapes=[band, limit, elsewhere])
    assert len(list_paths(drawn, "s")) == 2


def test_a_reversed_axis_rises_to_the_other_side() -> None:
    drawn = draw({"mode": "markers", "x": [0, 1], "y": [0, 1]}, yaxis={"autorange": "reversed"})
    points = list_points(list_paths(drawn, "p")[0])
    assert points[0][1] < points[1][1]


def test_arrays_are_taken_as_plotly_6_writes_them() -> None:
    def write(values: list[float]) -> dict[str, Any]:
        return {"dtype": "f8", "bdata": base64.b64encode(np.array(values)).decode()}

    drawn = draw({"mode": "lines", "x": write([0.0, 1.0]), "y": write([2.0, 3.0])})
    assert len(list_points(list_paths(drawn, "f")[0])) == 2
    grid = {**write([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), "shape": "2, 3"}
    assert "6" in list_texts(draw({"type": "heatmap", "z": grid}))


@each_case("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "\x00\x1b"])
def test_text_of_a_figure_stays_text(text: str) -> None:
    drawn = draw(
        {"mode": "lines", "name": text, "x": [text, "b"], "y": [0, 1]},
        {"mode": "lines", "name": "b", "y": [0, 1]},
        title=text,
        xaxis={"title": {"text": text}},
    )
    assert {one.tag.removeprefix(SVG) for one in drawn.iter()} <= {"svg", "text", "path", "g"}
    allowed = {"class", "d", "x", "y", "width", "height", "viewBox", "transform"}
    assert {name for one in drawn.iter() for name in one.attrib} <= allowed


@each_case(
    "figure",
    [
        {"data": [], "layout": {}},
        {"data": [{"type": "scatter3d", "x": [0], "y": [0], "z": [0]}], "layout": {}},
        {"data": [{"mode": "lines", "y": [None, None]}], "layout": {}},
        {"data": [{"type": "heatmap", "z": [[None]]}], "layout": {}},
        {"data": [{"mode": "markers", "x": [1, 2, 3], "y": [1]}]},
    ],
)
def test_a_figure_without_anything_that_can_be_drawn_has_no_drawing(figure: dict[str, Any]) -> None:
    assert draw_figure(figure) is None


@each_case(
    "figure",
    [
        {"data": 3},
        {"data": [{"y": "text"}]},
        {"data": [{"y": [[1], [2, 3]]}]},
        {"data": [{"type": "heatmap", "z": [1, 2]}]},
        {"data": [{"y": [1, 2]}], "layout": {"shapes": [{"type": "line"}]}},
        {"data": [{"y": {"dtype": "O", "bdata": "AAAA"}}]},
    ],
)
def test_a_hostile_figure_raises_an_error_that_callers_expect(figure: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, LookupError, AttributeError)):
        draw_figure(figure)


def test_ranges_that_are_no_numbers_are_ignored() -> None:
    for ends in (["a", "b"], [0], [None, 1], [float("inf"), 1]):
        drawn = draw({"mode": "markers", "x": [0, 1], "y": [0, 1]}, xaxis={"range": ends})
        assert list_texts(drawn, "x")[0] == "0.0"


def test_a_dense_sweep_is_small() -> None:
    x = np.linspace(0, 1, 4000)
    bars = {"array": [0.1] * 4000, "visible": True}
    svg = draw_figure(
        {
            "data": [
                {"mode": "markers", "x": x.tolist(), "y": np.sin(40 * x).tolist(), "error_y": bars},
                {"mode": "lines", "x": x.tolist(), "y": np.sin(40 * x).tolist()},
            ]
        }
    )
    assert svg is not None
    assert len(svg) < 9000
    assert f'x="{LEFT}"' in svg


@each_case(
    "trace",
    [
        {"y": [5e-324, 0.0]},
        {"y": [1e308, -1e308, None]},
        {"y": [1e308, 0.0, 1.0]},
        {"x": [1e-308, 2e-308, 1e-320], "y": [1e-320, 1e-321, 0.0]},
        {"type": "bar", "y": [1e308, -1e308, 5e-324]},
    ],
)
def test_extreme_values_are_drawn(trace: dict[str, Any]) -> None:
    drawn = draw({"mode": "lines+markers", **trace})
    assert list_texts(drawn, "y")


@each_case("ends", [[-1e308, 1e308], [0.0, 5e-324], [10**400, 0], [-900.0, 900.0]])
@each_case("kind", ["linear", "log"])
def test_extreme_ranges_of_an_axis_are_drawn(kind: str, ends: list[float]) -> None:
    drawn = draw({"mode": "markers", "y": [1.0, 2.0]}, yaxis={"type": kind, "range": ends})
    assert list_texts(drawn, "y")


@each_case("least", [0.0, -1.0, float("nan"), float("inf"), 5e-324])
def test_every_number_has_a_step(least: float) -> None:
    assert 0 < find_step(least) < float("inf")


def test_a_figure_has_a_limited_number_of_panels_and_shapes_and_names_the_omitted_ones() -> None:
    traces = [{"y": [0, 1], "xaxis": "x", "yaxis": f"y{number}"} for number in range(1, 41)]
    shape = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper"}
    drawn = draw(*traces, title="Many", shapes=[shape] * 500)
    assert len([one for one in drawn.iter(f"{SVG}svg") if one is not drawn]) == 16
    assert len(list_paths(drawn, "n")) == 16 * 200
    assert list_texts(drawn, "t") == ["(24 panels and 300 shapes left out) Many"]


def test_many_bars_are_thinned_out_to_their_extremes() -> None:
    y = [1.0] * 50_000
    y[31_234] = 7.0
    (path,) = list_paths(draw({"type": "bar", "y": y}), "b")
    assert 500 <= path.count("M") <= 1002
    heights = [int(head) for head in re.findall(r"M-?\d+ -?\d+V(-?\d+)", path)]
    assert len({*heights}) == 2, "the single high bar is kept"
    widths = [int(b) - int(a) for a, b in re.findall(r"M(-?\d+) .*?H(-?\d+)", path)]
    assert sum(width > 0 for width in widths) > 400


def test_equal_traces_with_bars_stand_side_by_side() -> None:
    paths = list_paths(draw(*({"type": "bar", "y": [1, 2]} for _ in range(2))), "b")
    assert len({*paths}) == 2


def test_panels_on_one_horizontal_axis_have_one_range() -> None:
    drawn = draw({"y": [0, 1], "x": [0, 1]}, {"y": [0, 1], "x": [0, 100], "yaxis": "y2"})
    first, second = (list_points(path)[-1][0] for path in list_paths(drawn, "f"))
    assert first < 100 < 700 < second
