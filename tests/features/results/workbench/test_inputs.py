"""Inputs on the workbench: their summary, their source, and values that replace them."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_builtin.results.pages.workbench_inputs import (
    describe_input_field,
    describe_source,
    needs_attention,
    parse_given_input,
    summarize_in_use,
    summarize_inputs,
)
from qdash_builtin.runs.views.task_inputs import CurrentInputDocument
from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import Mark, ValueMark


def make_input(**known: Any) -> CurrentInputDocument:
    plain = {
        "name": "t1", "description": "", "unit": "us", "required": True, "target": "0", "parameter": "t1", "marks": [], "minimum": 0.0
    }  # fmt: skip
    return CurrentInputDocument(**{**plain, **known})


TITLES = {"t1": "T1"}
MEASURED = make_input(value=81.5, error=1.3, task="CheckT1", task_id="a")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([MEASURED], "81.5(13)"),
        ([make_input()], "no value"),
        ([make_input(default=0.5)], "default 0.5"),
        ([MEASURED, make_input(value=20.0)], "20 to 81.5"),
        ([MEASURED, MEASURED, make_input()], "81.5, 1 without"),
    ],
)
def test_values_in_use_are_summarized(inputs: list[CurrentInputDocument], said: str) -> None:
    assert summarize_in_use(inputs) == said


def test_an_input_has_a_source_or_the_reason_why_there_is_none() -> None:
    assert describe_source(MEASURED) == "CheckT1"
    assert describe_source(make_input(value=1.0, task="CheckT1", simulated=True)) == "CheckT1, simulated"
    assert describe_source(make_input(default=0.5)) == "default of the task"
    assert describe_source(make_input()) == "missing: the task fails"
    assert describe_source(make_input(required=False)) == "none: the task does without"


def test_missing_marked_and_replaced_inputs_are_counted() -> None:
    marked = make_input(value=1.0, marks=[ValueMark(mark=Mark.TOO_OLD, reason="old")])
    declared = {"t1": [MEASURED, marked], "t2": [make_input(name="t2")]}
    assert summarize_inputs(declared, ["t1"], TITLES) == (
        "2 inputs, missing: t2, 1 marked, replaced in this run: T1"
    )
    assert needs_attention(declared)
    assert summarize_inputs({"t1": [MEASURED]}, [], TITLES) == "1 input"
    assert not needs_attention({"t1": [MEASURED]})


def test_a_field_has_unit_and_limits() -> None:
    assert describe_input_field([MEASURED], TITLES) == "T1 (µs, from 0)"
    assert describe_input_field([make_input(unit="", minimum=None)], {}) == "t1"


def test_a_given_input_has_a_value_and_an_error_within_the_limits() -> None:
    given = parse_given_input("t1", "80±2", [MEASURED])
    assert (given.value, given.error) == (80.0, 2.0)
    for text, said in (
        ("-1", "below its minimum"),
        ("80 MHz", "is in µs, not in MHz"),
        ("", "is not a value"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            parse_given_input("t1", text, [MEASURED])
