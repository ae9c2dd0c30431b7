"""Axes of two figures beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_builtin.results.pages.paired_axes import align_axes


def make_figure(
    x: list[Any], y: list[Any], *, title: str = "Delay (µs)", trace: dict[str, Any] | None = None, **axis: Any
) -> dict[str, Any]:
    return {
        "data": [{"type": "scatter", "x": x, "y": y, **(trace or {})}],
        "layout": {"xaxis": {"title": {"text": title}, **axis}, "yaxis": {"title": {"text": "Signal"}}},
    }


def get_range(figure: dict[str, Any], axis: str = "xaxis") -> list[float] | None:
    found: list[float] | None = figure["layout"][axis].get("range")
    return found


def test_both_figures_show_the_data_of_both() -> None:
    first, second = align_axes(make_figure([0.0, 10.0], [1.0, 2.0]), make_figure([5.0, 50.0], [-1.0, None]))
    assert get_range(first) == get_range(second) == pytest.approx([-2.0, 52.0])
    assert get_range(first, "yaxis") == get_range(second, "yaxis") == pytest.approx([-1.12, 2.12])


def test_error_bars_are_within_the_range() -> None:
    bars = {"error_y": {"array": [1.0, None]}}
    first, _ = align_axes(
        make_figure([0.0, 1.0], [0.0, 1.0], trace=bars), make_figure([0.0, 1.0], [0.0, 0.5])
    )
    assert get_range(first, "yaxis") == pytest.approx([-1.08, 1.08])


def test_a_second_panel_has_its_own_range() -> None:
    def with_residuals(value: float) -> dict[str, Any]:
        figure = make_figure([0.0, 1.0], [0.0, 1.0])
        figure["data"].append({"x": [0.0, 1.0], "y": [value, -value], "yaxis": "y2"})
        figure["layout"]["yaxis2"] = {"title": {"text": "Residual"}}
        return figure

    first, second = align_axes(with_residuals(1.0), with_residuals(2.0))
    assert get_range(first, "yaxis2") == get_range(second, "yaxis2") == pytest.approx([-2.16, 2.16])
    assert get_range(first, "yaxis") == pytest.approx([-0.04, 1.04])


@pytest.mark.parametrize(
    "other",
    [
        make_figure([0.0, 1.0], [0.0, 1.0], title="Frequency (GHz)"),
        make_figure(["a", "b"], [0.0, 1.0]),
        make_figure([0.0, 1.0], [0.0, 1.0], type="log"),
        make_figure([0.0, 1.0], [0.0, 1.0], range=[0.0, 9.0]),
        make_figure([float("nan"), 1.0], [0.0, 1.0]),
        make_figure([], []),
    ],
)
def test_an_axis_that_does_not_fit_stays(other: dict[str, Any]) -> None:
    before = get_range(other)
    first, second = align_axes(make_figure([0.0, 10.0], [1.0, 2.0]), other)
    assert get_range(first) is None
    assert get_range(second) == before


def test_bars_begin_at_zero() -> None:
    first, second = align_axes(
        make_figure(["00", "11"], [0.4, 0.5], trace={"type": "bar"}),
        make_figure(["00", "11"], [0.5, 1.0], trace={"type": "bar"}),
    )
    assert get_range(first, "yaxis") == get_range(second, "yaxis") == pytest.approx([-0.04, 1.04])
    assert get_range(first) is None


def test_maps_stay() -> None:
    drawn = make_figure([0.0, 1.0], [0.0, 1.0], trace={"type": "heatmap", "z": [[0.0]]})
    assert align_axes(drawn, drawn) == (drawn, drawn)


def test_the_given_figures_stay_unchanged() -> None:
    given = make_figure([0.0, 10.0], [1.0, 2.0])
    align_axes(given, make_figure([5.0, 50.0], [-1.0, 0.0]))
    assert get_range(given) is None
