"""Figures of refits: places of the points of the fit, marks of those left out, and the fit of the original."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.views.refits import FitPointsDocument, RefitPreviewDocument
from qdash_core import AnalysisError, ArrayDeclaration, InvalidInputError, Parameter, RawData, TaskOutput

from ...access import ADMIN
from ...core.bench import make_task

if TYPE_CHECKING:
    from ...core.conftest import MakeBench

DELAYS = [0.0, 10.0, 20.0, 30.0, 40.0]
RAW = RawData({"delay": (DELAYS, "us"), "signal": ([5.0, 4.0, 3.0, 9.0, 1.0], "a.u.")})
ARRAYS = {
    "delay": ArrayDeclaration("us", "delays"),
    "signal": ArrayDeclaration("a.u.", "signal", along="delay"),
}


def draw(raw: RawData, _output: TaskOutput) -> dict[str, Any]:
    """Draw delays in ns after a first one, and the signal without its mean: both depend on the selected points."""
    if raw["delay"].size < 3:
        raise AnalysisError("too few points")
    x, y = 1000.0 * raw["delay"] + 7.0, raw["signal"] - raw["signal"].mean()
    places = x.tolist()
    points = {"type": "scatter", "mode": "markers", "name": "Measured", "x": places, "y": y.tolist()}
    line = {"type": "scatter", "mode": "lines", "name": "Fit", "x": places, "y": y.tolist()}
    return {"data": [points, line], "layout": {"yaxis": {"title": {"text": "Signal"}}}}


@pytest.fixture
def preview(make_bench: MakeBench) -> Any:
    """A function that previews a refit of a measured result with options."""
    task = make_task(
        measure=lambda *_: RAW,
        analyse=lambda _, raw: TaskOutput({"t1": Parameter(float(np.mean(raw["signal"])), 0.5, "us")}),
        fit_axes=("delay",),
        arrays=ARRAYS,
        figure=staticmethod(draw),
    )
    bench = make_bench(task)
    (measured,) = bench.list_results(bench.run().execution_id)
    results = bench.qdash.get(RESULTS)

    def act(**options: object) -> RefitPreviewDocument:
        return RefitPreviewDocument.from_preview(
            results.preview_refit(ADMIN, measured.task_id, options=options, figure=True)
        )

    return act


def test_the_points_of_a_fit_are_found_in_its_figure(preview: Any) -> None:
    points = preview().points
    assert points == FitPointsDocument(
        xaxis="x", unit="us", factor=1000.0, offset=7.0, values=DELAYS, kept=[True] * 5
    )


def test_points_left_out_are_crosses_and_the_original_is_dashed_in_the_units_of_the_refit(
    preview: Any,
) -> None:
    found = preview(exclude="@30")
    assert found.points.kept == [True, True, True, False, True]
    traces = {one["name"]: one for one in found.figure.data}
    assert traces["Left out"]["x"] == pytest.approx([30_007.0])
    assert traces["Left out"]["y"] == pytest.approx(
        [9.0 - 13.0 / 4]
    )  # the mean of the fitted points is taken away
    assert traces["Original"]["y"] == pytest.approx([one - 13.0 / 4 for one in (5.0, 4.0, 3.0, 9.0, 1.0)])
    assert traces["Original"]["line"]["dash"] == "dash"


def test_the_measured_points_are_drawn_if_the_fit_of_the_selected_ones_fails(preview: Any) -> None:
    found = preview(fit_window="0..10")
    assert [one["name"] for one in found.figure.data if one["mode"] == "markers"] == ["Measured"]
    assert found.figure.data[-1]["marker"]["symbol"] == ["circle", "circle", "x-thin", "x-thin", "x-thin"]
    assert found.points.kept == [True, True, False, False, False]


def test_a_dragged_window_ends_beyond_its_outer_points() -> None:
    points = FitPointsDocument(
        xaxis="x", unit="us", factor=1000.0, offset=7.0, values=[0.0, 10.3, 20.6], kept=[True] * 3
    )
    assert points.select_window(5_000.0, 30_000.0) == "10..21"
    assert points.select_window(-1.0, 10_400.0) == "0..11"
    with pytest.raises(InvalidInputError, match="contains 1 of the points"):
        points.select_window(5_000.0, 15_000.0)


def test_a_clicked_point_is_left_out_and_clicked_again_fitted() -> None:
    points = FitPointsDocument(
        xaxis="x",
        unit="GHz",
        factor=1.0,
        offset=0.0,
        values=[5.0001, 5.0002, 5.0003],
        kept=[True, True, True],
    )
    excluded = points.toggle_point(5.00021, "0")
    assert excluded == "0,@5.0002"
    without = points.model_copy(update={"kept": [False, False, True]})
    assert without.toggle_point(5.0002, excluded) == "0"
    with pytest.raises(InvalidInputError, match=r"5\.0001 GHz is left out by the fit window or by its index"):
        without.toggle_point(5.0001, excluded)
