"""Coherence limit of a gate from T1, T2 and its length."""

import numpy as np
import pytest

from qdash_analysis import Estimate, coherence_limit

from ..case_tables import each_case


def times(*values, error=2.0):
    return [Estimate(value, error, "us") for value in values]


def test_one_qubit_loses_what_relaxation_and_dephasing_take():
    expected = 1 - (1 - 2 / 3 * np.exp(-0.04 / 80) - 1 / 3 * np.exp(-0.04 / 100)) / 2
    assert coherence_limit(times(100), times(80), length_ns=40).value == pytest.approx(expected, abs=1e-12)


def test_two_qubits_lose_four_fifths_of_the_process_fidelity():
    kept = [(1 + np.exp(-0.5 / t1) + 2 * np.exp(-0.5 / t2)) / 4 for t1, t2 in ((100, 80), (50, 60))]
    found = coherence_limit(times(100, 50), times(80, 60), length_ns=500)
    assert found.value == pytest.approx(1 - 0.8 * (1 - kept[0] * kept[1]), abs=1e-12)


def test_the_error_is_that_of_the_times(rng):
    drawn = [
        coherence_limit(
            times(100 + rng.normal(0, 2), 50 + rng.normal(0, 2)),
            times(80 + rng.normal(0, 2), 60 + rng.normal(0, 2)),
            length_ns=500,
        ).value
        for _ in range(2000)
    ]
    found = coherence_limit(times(100, 50), times(80, 60), length_ns=500)
    assert np.std(drawn) == pytest.approx(found.error, rel=0.08)


def test_a_time_without_an_error_leaves_none():
    assert coherence_limit(times(100), times(80, error=None), length_ns=40).error is None


@each_case(
    ("t1", "t2", "length", "message"),
    [
        (times(100), times(80, 60), 40, "t1 and t2 must be of the same qubits, got 1 and 2"),
        ([], [], 40, "same qubits, got 0 and 0"),
        (times(-1), times(80), 40, "t1 must be positive, got -1"),
        (times(100), times(np.inf), 40, "t2 must be positive"),
        (times(100), times(80), 0, "length_ns must be positive"),
    ],
)
def test_bad_input_is_named(t1, t2, length, message):
    with pytest.raises(ValueError, match=message):
        coherence_limit(t1, t2, length_ns=length)
