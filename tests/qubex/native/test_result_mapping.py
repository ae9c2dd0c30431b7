"""Implausible numbers of the library, and the interval between its shots."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qdash_core.models.estimates import Parameter
from qdash_qubex.native.base import collect_options
from qdash_qubex.native.decays import make_options
from qdash_qubex.native.figures import plain_figure
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_qubex.native.t1 import CheckT1

from ...case_tables import each_case
from .stand_in import prepared


def found(value: LibraryValue, *, r2: float | None = 0.99) -> LibraryResult:
    return LibraryResult(values={"t1": value}, arrays={"delay": ([1.0, 2.0], "us")}, r2=r2)


def test_good_numbers_raise_no_complaint() -> None:
    assert found(LibraryValue(30.0, 0.3, "us", (0.1, 200.0))).list_objections(0.8) == []
    assert found(LibraryValue(30.0), r2=None).list_objections(0.8) == []


@each_case(
    ("value", "words"),
    [
        (LibraryValue(float("nan")), "no number for t1"),
        (LibraryValue(30.0, float("nan")), "the error of t1 is nan"),
        (LibraryValue(200.0, 0.3, "us", (0.1, 200.0)), "not within the sweep"),
        (LibraryValue(0.05, 0.3, "us", (0.1, 200.0)), "not within the sweep"),
    ],
)
def test_a_number_that_was_not_seen_is_told(value: LibraryValue, words: str) -> None:
    (complaint,) = found(value).list_objections(0.8)

    assert words in complaint


def test_what_is_recorded_is_json_whatever_the_library_gave() -> None:
    raw = found(LibraryValue(float("nan"), float("inf")), r2=float("nan")).to_raw_data(0.8)

    json.dumps(raw.attributes, allow_nan=False)
    assert len(raw.attributes["complaints"]) == 2


def test_a_figure_is_plain_json_with_gaps_for_what_is_no_number() -> None:
    class Figure:
        def to_plotly_json(self) -> dict[str, object]:
            trace = {"type": "scatter", "y": np.array([1.0, np.nan])}
            return {"data": [trace], "layout": {"template": {}, "width": 600, "title": {"text": "T1"}}}

    drawn = plain_figure(Figure())

    assert drawn["data"] == [{"type": "scatter", "y": [1.0, None]}]
    assert {*drawn["layout"]} == {"title", "legend"}


@each_case(
    ("t1_us", "asked_ns", "wait_ns"),
    [(None, None, None), (20.0, None, None), (90.0, None, 450_000.0), (90.0, 2e5, 2e5)],
)
def test_shots_wait_for_five_t1_where_that_is_known_and_nothing_else_is_asked_for(
    t1_us: float | None, asked_ns: float | None, wait_ns: float | None
) -> None:
    parameters = {} if asked_ns is None else {"interval": asked_ns}
    inputs = {} if t1_us is None else {"t1": Parameter(t1_us, None, "us")}
    tasks = {
        "Q0": prepared(CheckT1, "0", **parameters),
        "Q1": prepared(CheckT1, "1", inputs=inputs, **parameters),
    }

    assert collect_options(tasks).get("shot_interval") == wait_ns


@each_case(("t1_us", "end_us"), [(None, None), (30.0, None), (90.0, 360.0)])
def test_delays_reach_as_far_as_a_known_t1_asks_for(t1_us: float | None, end_us: float | None) -> None:
    inputs = {} if t1_us is None else {"t1": Parameter(t1_us, None, "us")}

    delays = make_options({"Q0": prepared(CheckT1, "0", inputs=inputs)}, shortest_ns=100.0).get("time_range")

    assert (None if delays is None else delays[-1] * 1e-3) == (
        None if end_us is None else pytest.approx(end_us)
    )
