"""Coverage of every fit: of 1,000 traces over wide ranges, two thirds within one error of the truth, 95 %
within two.

The quick tests use fewer traces, which scatter more; slow fits are among the slow tests.
"""

import math

import pytest

from .coverage import measure
from .populations import POPULATIONS

TRACES = 1000
SEED = 20240607

# Honest shares are 0.683 and 0.954; those of 1,000 traces scatter by 0.015 and 0.007. Beyond five errors: none in a
# million for a Gaussian; the tails of times and widths at low contrast are longer.
WITHIN_ONE = (0.63, 0.73)
WITHIN_TWO = (0.93, 0.97)
BEYOND_FIVE = 0.005


FEW, MORE = 24, 150
"""Number of traces of each fit among the quick tests, and among the others."""
LONG = {
    "fit_cr_tomography",
    "fit_cr_tomography, less than a turn",
    "fit_state_tomography, near 1",
}
"""Fits that take seconds even for these numbers, which makes them slow tests; their own files have quick
tests.
"""
QUICK = {
    "fit_t1",
    "fit_t2_echo",
    "fit_rabi",
    "fit_zz",
    "fit_drag, two numbers of pairs",
    "fit_pulse_train, pi",
    "fit_electrical_delay",
    "fit_resonator, magnitude",
    "fit_rb, two qubits",
}
"""Fits whose files have no quick test of the error bars of many traces, or a slower one."""


@pytest.mark.release
@pytest.mark.parametrize("name", POPULATIONS)
def test_error_bars_are_honest(name):
    honesty = measure(POPULATIONS[name], traces=TRACES, seed=SEED)
    assert honesty.refused <= 0.05 * TRACES
    for parameter, found in honesty.parameters.items():
        assert found.accepted > 0.5 * TRACES, parameter
        assert WITHIN_ONE[0] <= found.within_one <= WITHIN_ONE[1], parameter
        assert WITHIN_TWO[0] <= found.within_two <= WITHIN_TWO[1], parameter
        assert found.beyond_five <= BEYOND_FIVE, parameter
        assert abs(found.mean_pull) < 0.25, parameter


@pytest.mark.parametrize(
    ("name", "traces"),
    [
        *(
            pytest.param(name, FEW, marks=() if name in QUICK else pytest.mark.slow)
            for name in POPULATIONS
            if name not in LONG
        ),
        *(pytest.param(name, MORE, marks=pytest.mark.release) for name in POPULATIONS),
    ],
)
def test_error_bars_of_few_traces_are_honest(name, traces):
    honesty = measure(POPULATIONS[name], traces=traces, seed=SEED)
    assert honesty.refused <= 0.05 * traces + 4 * math.sqrt(0.05 * traces)
    for parameter, found in honesty.parameters.items():
        assert found.accepted > 0.5 * traces, parameter
        one, two = (
            4 * math.sqrt(share * (1 - share) / found.accepted) for share in (WITHIN_ONE[0], WITHIN_TWO[0])
        )
        assert WITHIN_ONE[0] - one <= found.within_one <= WITHIN_ONE[1] + one, parameter
        assert found.within_two >= WITHIN_TWO[0] - two, parameter
        assert found.beyond_five <= 2 / min(traces, 100), parameter
        assert abs(found.mean_pull) < 0.25 + 4 / math.sqrt(found.accepted), parameter
