"""Six traces of a cross-resonance tone with their fit, and the trajectories of the Bloch vector."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_builtin.figures.files import get_figure_renderer
from qdash_tasks.figures.cr_tomography import draw_cr_tomography

X_NS = np.linspace(0.0, 500.0, 11)
FINE_NS = np.linspace(0.0, 500.0, 101)


def traces(x_ns: np.ndarray) -> np.ndarray:
    turns = 2 * np.pi * 2e-3 * x_ns
    zero, sine, cosine = np.zeros_like(x_ns), np.sin(turns), np.cos(turns)
    return np.stack([zero, -sine, cosine, zero, sine, cosine])


def test_each_component_has_its_panel_with_both_states_of_the_control() -> None:
    figure = draw_cr_tomography(X_NS, traces(X_NS), title="CheckCrossResonance on 0-1", sigma=0.05)

    measured = figure["data"][:6]
    assert [(trace["name"], trace["yaxis"]) for trace in measured] == [
        (f"Control in |{control}⟩", axis) for control in (0, 1) for axis in ("y", "y2", "y3")
    ]
    assert measured[1]["y"] == [float(f"{value:.9g}") for value in traces(X_NS)[1]]
    assert measured[0]["error_y"]["array"] == [0.05] * len(X_NS)
    assert [trace["name"] for trace in figure["data"] if trace.get("showlegend", True)] == [
        "Control in |0⟩",
        "Control in |1⟩",
    ]


def test_the_fit_is_drawn_over_the_traces_and_as_paths_of_the_bloch_vector() -> None:
    figure = draw_cr_tomography(
        X_NS,
        traces(X_NS),
        title="t",
        fitted_x_ns=FINE_NS,
        fitted=traces(FINE_NS),
        rates="zx = 2.00(1) MHz",
    )

    lines = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [line["yaxis"] for line in lines] == ["y", "y2", "y3"] * 2 + ["y4"] * 2 + ["y5"] * 2
    across_and_up = np.hypot(lines[6]["x"], lines[6]["y"])
    assert np.allclose(across_and_up, 1.0), "a rotation about X is a circle seen along X"
    assert "zx = 2.00(1) MHz" in figure["layout"]["title"]["text"]


def test_without_a_fit_the_data_are_drawn_as_measured() -> None:
    figure = draw_cr_tomography(X_NS, traces(X_NS), title="t")

    assert {trace["mode"] for trace in figure["data"]} == {"markers"}
    assert not any("error_y" in trace for trace in figure["data"])


@pytest.mark.slow
def test_it_is_drawn() -> None:
    figure = draw_cr_tomography(X_NS, traces(X_NS), title="t", fitted_x_ns=FINE_NS, fitted=traces(FINE_NS))

    assert get_figure_renderer(".png")(figure).startswith(b"\x89PNG")
