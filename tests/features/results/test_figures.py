"""Figures, drawn from stored data on request."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import (
    AnalysisError,
    ArrayDeclaration,
    InvalidInputError,
    NotFoundError,
    Parameter,
    RawData,
    TaskOutput,
)

from ...access import ADMIN
from ...core.bench import make_raising, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.conftest import MakeBench


drawn_as_points = pytest.mark.skipif(
    find_spec("qdash_pictures") is None, reason="qdash-pictures draws points"
)


def make_drawing_task(figure: Any, **changes: Any) -> type[BaseTask]:
    return make_task(figure=classmethod(lambda cls, raw, output: figure(raw, output)), **changes)


def draw(raw: RawData, output: TaskOutput) -> dict[str, Any]:
    found = output.parameters.get("t1")
    title = "no fit" if found is None else f"T1 = {found.value} ± {found.error} {found.unit}, R² {output.r2}"
    return {"data": [{"y": raw["signal"]}], "layout": {"title": title}}


class Plotly:
    """Minimal Plotly figure: it serialises itself to JSON."""

    def to_json(self) -> str:
        return json.dumps({"data": [], "layout": {"title": "by Plotly"}})


@pytest.mark.every_store
def test_a_figure_shows_the_raw_data_and_the_recorded_result(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_drawing_task(draw, analyse=lambda *_: TaskOutput({"t1": Parameter(10.0, 0.5, "us")}, r2=0.9))
    )
    assert bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id) == {
        "data": [{"y": [1.0, 2.0, 3.0]}],
        "layout": {"title": "T1 = 10.0 ± 0.5 us, R² 0.9"},
    }


def test_nothing_is_drawn_while_measuring(make_bench: MakeBench) -> None:
    bench = make_bench(make_drawing_task(make_raising(AssertionError("too early"))))
    assert bench.run().status == "completed"


def test_the_data_of_a_failed_analysis_can_be_looked_at(make_bench: MakeBench) -> None:
    bench = make_bench(make_drawing_task(draw, postprocess=make_raising(ValueError("no decay"))))
    assert bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id)["layout"] == {"title": "no fit"}


def test_a_figure_of_plotly_is_given_as_its_json(make_bench: MakeBench) -> None:
    bench = make_bench(make_drawing_task(lambda *_: Plotly()))
    assert bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id)["layout"] == {"title": "by Plotly"}


@pytest.mark.parametrize("error", [KeyError("t1"), SystemExit(2)])
def test_a_figure_that_fails_says_so(make_bench: MakeBench, error: BaseException) -> None:
    bench = make_bench(make_drawing_task(make_raising(error)))
    result = bench.run()
    with pytest.raises(AnalysisError, match=rf"Measure\.figure failed: {type(error).__name__}"):
        bench.qdash.get(RESULTS).figure(ADMIN, result.task_id)


@pytest.mark.parametrize(
    ("y", "named"),
    [
        ([1.0, object()], r"data\[0\]\.y\[1\] is of type object, which is not JSON"),
        (
            np.array([1.0, 1j]),
            r"data\[0\]\.y\[0\] is the complex number 1\+0j: draw its real and imaginary part",
        ),
    ],
)
def test_a_figure_that_is_not_json_says_where(make_bench: MakeBench, y: object, named: str) -> None:
    bench = make_bench(make_drawing_task(lambda *_: {"data": [{"y": y}], "layout": {}}))
    result = bench.run()
    with pytest.raises(AnalysisError, match=rf"Measure\.figure failed: TypeError: {named}"):
        bench.qdash.get(RESULTS).figure(ADMIN, result.task_id)


@pytest.mark.parametrize("of", [np.array, list, lambda y: np.array(y, np.float32)])
def test_a_lost_point_of_a_figure_is_a_gap(make_bench: MakeBench, of: Any) -> None:
    y = [1.0, np.nan, np.inf, 2.0]
    drawn = {"data": [{"type": "scatter", "x": (0, 1, 2, 3), "y": of(y)}], "layout": {"height": 300}}
    bench = make_bench(make_drawing_task(lambda *_: drawn))
    figure = bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id)
    assert figure["data"] == [{"type": "scatter", "x": [0, 1, 2, 3], "y": [1.0, None, None, 2.0]}]
    assert figure["layout"] == {"height": 300}


@drawn_as_points
@pytest.mark.parametrize(
    "figure", [{}, {"figure": classmethod(lambda *_: None)}], ids=["undrawn", "drawn as None"]
)
def test_a_task_that_draws_nothing_shows_its_points_and_the_fit_of_its_note(
    make_bench: MakeBench, figure: dict[str, Any]
) -> None:
    raw = RawData({"signal": ([3.0, 2.0, 1.5], "a.u."), "delay": ([0.0, 1.0, 2.0], "us")})
    output = TaskOutput({"t1": Parameter(10.0, 0.5, "us")}, note={"fit": {"x": [0.0, 2.0], "y": [3.0, 1.4]}})
    declared = {
        "delay": ArrayDeclaration("us", "between pulse and readout"),
        "*": ArrayDeclaration("a.u.", "signal"),
    }
    bench = make_bench(
        make_task(measure=lambda *_: raw, analyse=lambda *_: output, arrays=declared, **figure)
    )
    drawn = bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id)
    measured, fit = drawn["data"]
    assert (measured["mode"], measured["x"], measured["y"]) == ("markers", [0.0, 1.0, 2.0], [3.0, 2.0, 1.5])
    assert (fit["mode"], fit["x"], fit["y"]) == ("lines", [0.0, 2.0], [3.0, 1.4])
    assert drawn["layout"]["xaxis"]["title"]["text"] == "delay (µs)"
    assert drawn["layout"]["title"]["text"] == "Measure 0<br><sub>t1 = 10 ± 0.5\N{NO-BREAK SPACE}µs</sub>"


@drawn_as_points
def test_where_there_is_nothing_to_draw_it_is_said_why(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(measure=lambda *_: RawData({})), make_task("Untidy", measure=lambda *_: 42))
    with pytest.raises(InvalidInputError, match="Measure draws no figure, and its raw data hold no array"):
        bench.qdash.get(RESULTS).figure(ADMIN, bench.run().task_id)
    with pytest.raises(InvalidInputError, match="no raw data"):
        bench.qdash.get(RESULTS).figure(ADMIN, bench.run("Untidy").task_id)
    with pytest.raises(NotFoundError, match="no result 'x'"):
        bench.qdash.get(RESULTS).figure(ADMIN, "x")


def test_without_pictures_a_task_draws_all_the_same_and_else_it_is_said_what_is_missing(
    make_bench: MakeBench,
) -> None:
    tasks = make_drawing_task(draw, name="Drawn"), make_task()
    bench = make_bench(*tasks)
    drawn, undrawn = bench.run("Drawn").task_id, bench.run().task_id
    results = bench.reinstall(*tasks, blocked=("pictures",)).qdash.get(RESULTS)
    assert results.figure(ADMIN, drawn)["layout"] == {"title": "T1 = 10.0 ± 0.5 us, R² None"}
    for draws in (results.figure, results.make_thumbnail):
        with pytest.raises(InvalidInputError, match="`pip install --find-links RELEASE qdash-pictures`"):
            draws(ADMIN, undrawn)
