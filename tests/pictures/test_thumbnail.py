"""A figure as a small SVG, of numbers and fixed tags only."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from qdash_pictures.thumbnail import HEIGHT, WIDTH, draw_svg

from ..case_tables import each_case


def parts(*data: dict[str, Any], **layout: Any) -> dict[str, str]:
    """Return the path of each class."""
    svg = draw_svg({"data": list(data), "layout": layout})
    assert svg is not None
    return {part.attrib["class"]: part.attrib["d"] for part in ET.fromstring(svg)}


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


def test_points_and_lines_span_the_picture_with_the_greatest_value_above() -> None:
    points = {"mode": "markers", "x": [0.0, 1.0, 2.0], "y": [0.0, 10.0, 5.0]}
    line = {"mode": "lines", "x": [0.0, 2.0], "y": [0.0, 5.0]}
    drawn = parts(points, line)
    assert places(drawn["p"]) == [(3.0, 77.0), (60.0, 3.0), (117.0, 40.0)]
    assert places(drawn["f"]) == [(3.0, 77.0), (117.0, 40.0)]


def test_a_gap_in_a_line_stays_a_gap() -> None:
    (path,) = parts({"mode": "lines", "x": [0, 1, 2, 3], "y": [0, 1, None, 1]}).values()
    assert re.sub(r"[^ML]", "", path) == "MLM"


def test_a_narrow_line_in_a_long_scan_is_still_seen() -> None:
    y = np.zeros(5000)
    y[3333] = -1.0
    for mode in ("lines", "markers"):
        (path,) = parts({"mode": mode, "y": y.tolist()}).values()
        assert len(places(path)) <= 80
        assert min(places(path), key=lambda place: -place[1]) == pytest.approx((79.0, 77.0), abs=0.1)


def test_logarithmic_axes_are_heeded_and_what_they_cannot_show_is_left_out() -> None:
    (path,) = parts(
        {"x": [0, 1, 10, 100], "y": [9, 1, 1, 1], "mode": "markers"}, xaxis={"type": "log"}
    ).values()
    assert [x for x, _ in places(path)] == [3.0, 60.0, 117.0]


def test_bars_stand_on_zero() -> None:
    (path,) = parts({"type": "bar", "x": ["00", "11"], "y": [0.5, 1.0]}).values()
    assert path == "M3.0 77.0V40.0M117.0 77.0V3.0"


def test_series_of_points_and_dashed_lines_have_classes_of_their_own() -> None:
    cloud = {"mode": "markers", "x": [0.0, 1.0], "y": [0.0, 1.0]}
    threshold = {"mode": "lines", "x": [0.0, 1.0], "y": [1.0, 0.0], "line": {"dash": "dash"}}
    drawn = parts(cloud, {**cloud, "x": [0.5, 1.0]}, {**cloud, "x": [0.2, 1.0]}, threshold)
    assert [*drawn] == ["p", "p p1", "p p2", "g"]


def test_the_vertical_axis_shows_at_least_its_range_and_a_circle_stays_one() -> None:
    flat = {"mode": "markers", "x": [0.0, 1.0], "y": [-1.0, 1.0]}
    (path,) = parts(flat, yaxis={"range": [-2.0, 2.0]}).values()
    assert [y for _, y in places(path)] == [58.5, 21.5]
    (path,) = parts(flat, yaxis={"range": [0.0, 0.5]}).values()
    assert [y for _, y in places(path)] == [77.0, 3.0]
    (path,) = parts(flat, yaxis={"scaleanchor": "x"}).values()
    (x0, y0), (x1, y1) = places(path)
    assert (x1 - x0) * 2 == pytest.approx(y0 - y1)


def test_a_map_has_ten_levels_and_few_cells() -> None:
    z = np.add.outer(np.arange(100.0), np.arange(400.0))
    drawn = parts({"type": "heatmap", "z": z.tolist()})
    assert set(drawn) == {f"c{level}" for level in range(10)}
    assert sum(path.count("M") for path in drawn.values()) <= 36 * 24


def test_a_map_may_have_holes() -> None:
    drawn = parts({"type": "heatmap", "z": [[0.0, None], [1.0, 2.0]]})
    assert sum(path.count("M") for path in drawn.values()) == 3


def test_only_the_first_axes_are_drawn() -> None:
    residuals = {"mode": "markers", "x": [0, 1], "y": [50, -50], "yaxis": "y2"}
    assert [*parts({"mode": "lines", "x": [0, 1], "y": [0, 1]}, residuals)] == ["f"]


def test_arrays_are_taken_as_plotly_6_writes_them() -> None:
    (path,) = parts({"mode": "lines", "y": {"dtype": "f8", "bdata": "AAAAAAAAAAAAAAAAAADwPw=="}}).values()
    assert places(path) == [(3.0, 77.0), (117.0, 3.0)]


@each_case("figure", [{}, {"data": []}, {"data": [{"y": []}]}, {"data": [{"y": [None]}]}])
def test_nothing_to_draw_is_none(figure: dict[str, Any]) -> None:
    assert draw_svg(figure) is None


def test_no_text_of_anybody_is_in_it() -> None:
    hostile = "<script>alert(1)</script>"
    trace = {
        "name": hostile,
        "x": [hostile, "b"],
        "y": [1, 2],
        "text": [hostile] * 2,
        "marker": {"color": hostile},
    }
    svg = draw_svg({"data": [trace, {**trace, "type": "bar"}], "layout": {"title": {"text": hostile}}})
    assert svg is not None
    assert re.fullmatch(r'<svg [^<]*>(<path class="[pfbc]\d?" d="[MLVhvz0-9 .-]*"/>)+</svg>', svg)
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in svg
