"""Inputs on which a fit failed, each rebuilt from a public report, with the right answer.

A file in `reported/` is one call: `function`, `args`, `kwargs`, the source of the report, what is right, and the truth.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import qdash_analysis

FOLDER = Path(__file__).parent / "reported"

VALUES = {
    "rb-five-lengths": ("alpha", 0.9985),
    "resonator-peak": ("frequency", 6.5),
    "readout-third-cloud": ("average_readout_fidelity", None),
}
"""The accepted value and its truth, if there is one, by file."""

MESSAGES = {"resonator-peak": "a peak", "readout-third-cloud": "shots with 1 prepared form a third cloud"}
"""Part of the message of an accepted value, by file."""

REFUSALS = {
    "t1-rising-start": "the first points do not belong to the decay",
    "ramsey-beating-no-sigma": "two frequencies",
    "drag-optimum-outside": "one number of pairs does not tell the optimum",
}
"""Part of the reason for the refusal, by file."""


def call(name):
    given = json.loads((FOLDER / f"{name}.json").read_text())
    arrays = [
        one if isinstance(one, list) else np.array(one["re"]) + 1j * np.array(one["im"])
        for one in given["args"]
    ]
    return getattr(qdash_analysis, given["function"])(*arrays, **given["kwargs"])


@pytest.mark.parametrize("name", VALUES)
def test_a_clear_effect_is_accepted_with_the_right_value(name):
    parameter, truth = VALUES[name]
    result = call(name)
    assert result.success, result.message
    assert MESSAGES.get(name, "") in result.message
    estimate = result.parameters[parameter]
    assert truth is None or abs(estimate.value - truth) < 3 * estimate.error


@pytest.mark.parametrize("name", REFUSALS)
def test_data_of_another_model_are_refused_for_the_true_reason(name):
    result = call(name)
    assert not result.success
    assert REFUSALS[name] in result.message


def test_every_file_has_its_right_answer():
    assert {path.stem for path in FOLDER.glob("*.json")} == {*VALUES, *REFUSALS}
