"""Points of an earlier result, faint behind those of a figure."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_builtin.results.pages.previous_data import draw_behind

AXES = {
    "xaxis": {"title": {"text": "Delay (µs)"}},
    "yaxis": {"title": {"text": "Signal (a.u.)"}},
    "yaxis2": {"title": {"text": "Residual (σ)"}},
}


def make_figure(*values: float, **layout: Any) -> dict[str, Any]:
    x = list(range(len(values)))
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": "Measured",
        "x": x,
        "y": list(values),
        "error_y": {"array": x},
        "marker": {"color": "#3465a4", "size": 5},
    }
    line = {"type": "scatter", "mode": "lines", "name": "Fit", "x": x, "y": list(values)}
    residuals = {**points, "yaxis": "y2", "name": "Residual"}
    return {"data": [points, line, residuals], "layout": {**AXES, **layout}}


def test_the_points_of_the_previous_result_are_faint_behind_the_new_ones() -> None:
    new, previous = make_figure(1.0, 2.0), make_figure(3.0, 4.0)
    drawn = draw_behind(new, previous)
    assert drawn["data"][:3] == new["data"]
    (faint,) = drawn["data"][3:]
    assert (faint["x"], faint["y"]) == ([0, 1], [3.0, 4.0])
    assert faint["zorder"] < 0
    assert faint["marker"]["opacity"] < 1
    assert not faint["showlegend"]
    assert "error_y" not in faint


@pytest.mark.parametrize("axis", ["xaxis", "yaxis"])
def test_points_with_another_axis_title_are_not_drawn(axis: str) -> None:
    new = make_figure(1.0, 2.0)
    previous = make_figure(3.0, 4.0, **{axis: {"title": {"text": "Frequency (GHz)"}}})
    assert draw_behind(new, previous) == new


def test_a_map_stays_as_it_is() -> None:
    new = {"data": [{"type": "heatmap", "z": [[1.0]]}], "layout": AXES}
    assert draw_behind(new, make_figure(1.0)) == new


def test_a_longer_sweep_does_not_squeeze_the_new_data() -> None:
    (faint,) = draw_behind(make_figure(1.0, 2.0), make_figure(3.0, 4.0, 5.0, 6.0))["data"][3:]
    assert (faint["x"], faint["y"]) == ([0, 1], [3.0, 4.0])
