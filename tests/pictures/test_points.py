"""Default figure of raw data, as points, for tasks without a figure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from qdash_core import Parameter, RawData, TaskOutput
from qdash_core.models.base import as_json
from qdash_pictures.points import points

from ..case_tables import each_case

NOTHING = TaskOutput()


def names(drawn: dict[str, Any] | None) -> list[str]:
    assert drawn is not None
    return [trace["name"] for trace in drawn["data"]]


def test_the_first_array_is_the_axis_of_all_that_are_as_long() -> None:
    raw = RawData(
        {
            "table": (np.ones((2, 3)), ""),
            "delay": ([0, 1, 2], "us"),
            "excited": ([1.0, 0.5, 0.2], ""),
            "offset": ([1.0], "V"),
            "ground": ([0.0, 0.5, 0.8], ""),
        }
    )
    drawn = points(raw, NOTHING, title="Decay 3")
    assert drawn is not None
    assert names(drawn) == ["excited", "ground"]
    assert [trace["x"] for trace in drawn["data"]] == [[0.0, 1.0, 2.0]] * 2
    assert drawn["layout"]["title"]["text"] == "Decay 3"
    assert as_json(drawn) == drawn


def test_what_is_declared_first_is_the_axis_whatever_was_measured_first() -> None:
    raw = RawData({"signal": ([1.0, 0.5], "V"), "far_delay": ([1.0, 2.0], "us"), "note": ([1.0, 2.0], "V")})
    drawn = points(raw, NOTHING, title="", declared=("missing", "*_delay", "signal"))
    assert drawn is not None
    assert names(drawn) == ["signal", "note"]
    assert drawn["layout"]["xaxis"]["title"]["text"] == "far_delay (µs)"
    assert drawn["layout"]["yaxis"]["title"]["text"] == "(V)"


def test_complex_numbers_are_two_quadratures_and_never_an_axis() -> None:
    raw = RawData({"iq": (np.array([1 + 2j, 3 - 4j]), "a.u."), "frequency": ([5.0, 5.1], "GHz")})
    drawn = points(raw, NOTHING, title="")
    assert drawn is not None
    assert names(drawn) == ["iq I", "iq Q"]
    assert [trace["y"] for trace in drawn["data"]] == [[1.0, 3.0], [2.0, -4.0]]
    assert drawn["data"][0]["x"] == [5.0, 5.1]
    assert drawn["layout"]["yaxis"]["title"]["text"] == "iq (a.u.)"


@pytest.mark.parametrize("further", [{}, {"weights": ([1.0], "")}], ids=["alone", "beside another length"])
def test_an_array_with_no_other_of_its_length_is_drawn_point_after_point(further: dict[str, Any]) -> None:
    drawn = points(RawData({"signal": ([4.0, 5.0], "V"), **further}), NOTHING, title="")
    assert drawn is not None
    assert (drawn["data"][0]["x"], drawn["data"][0]["y"]) == ([0, 1], [4.0, 5.0])
    assert drawn["layout"]["xaxis"]["title"]["text"] == "Point"


def test_what_is_not_finite_leaves_a_gap() -> None:
    raw = RawData({"x": ([0.0, 1.0], ""), "y": ([math.nan, 2.0], "")})
    drawn = points(raw, NOTHING, title="")
    assert drawn is not None
    assert drawn["data"][0]["y"] == [None, 2.0]


def test_values_stand_below_the_title_and_the_fit_of_the_note_is_a_line() -> None:
    raw = RawData({"x": ([0.0, 1.0], "us"), "y": ([3.0, 2.0], "")})
    output = TaskOutput(
        {"t1": Parameter(10.04, 0.5, "us"), "contrast": Parameter(0.9)},
        note={"fit": {"x": [0.0], "y": [3.0]}},
    )
    drawn = points(raw, output, title="Decay")
    assert drawn is not None
    assert names(drawn) == ["y", "Fit"]
    assert (
        drawn["layout"]["title"]["text"]
        == "Decay<br><sub>t1 = 10.04 ± 0.5\N{NO-BREAK SPACE}µs, contrast = 0.9</sub>"
    )


@each_case("fit", [None, "exponential", {"x": [1.0], "y": [1.0, 2.0]}, {"r2": 0.9}])
def test_a_fit_of_another_form_is_the_authors_own(fit: object) -> None:
    raw = RawData({"x": ([0.0, 1.0], ""), "y": ([3.0, 2.0], "")})
    assert names(points(raw, TaskOutput(note={"fit": fit}), title="")) == ["y"]


@each_case("arrays", [{}, {"map": (np.ones((2, 2)), "")}, {"empty": ([], "us")}, {"one": (1.0, "")}])
def test_without_an_array_of_one_dimension_there_is_no_figure(arrays: dict[str, Any]) -> None:
    assert points(RawData(arrays), NOTHING, title="") is None
