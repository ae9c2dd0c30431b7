"""Inputs on which a fit failed, each rebuilt from a public report, with the right answer.

A file in `reported/` is one call: `function`, `args`, `kwargs`, the source of the report, what is right, and the truth.
"""

import json
from pathlib import Path

import pytest

import qdash_analysis

FOLDER = Path(__file__).parent / "reported"

VALUES = {"rb-five-lengths": ("alpha", 0.9985)}
"""The accepted value and its truth, by file."""

REFUSALS = {"t1-rising-start": "the first points do not belong to the decay"}
"""Part of the reason for the refusal, by file."""


def call(name):
    given = json.loads((FOLDER / f"{name}.json").read_text())
    return getattr(qdash_analysis, given["function"])(*given["args"], **given["kwargs"])


@pytest.mark.parametrize("name", VALUES)
def test_a_clear_effect_is_accepted_with_the_right_value(name):
    parameter, truth = VALUES[name]
    result = call(name)
    assert result.success, result.message
    estimate = result.parameters[parameter]
    assert abs(estimate.value - truth) < 3 * estimate.error


@pytest.mark.parametrize("name", REFUSALS)
def test_data_of_another_model_are_refused_for_the_true_reason(name):
    result = call(name)
    assert not result.success
    assert REFUSALS[name] in result.message


def test_every_file_has_its_right_answer():
    assert {path.stem for path in FOLDER.glob("*.json")} == {*VALUES, *REFUSALS}
