"""The readout amplitude with the highest fidelity."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import erf

from qdash_analysis import fit_readout_amplitude

from ..case_tables import each_case


def fidelity(x, *, visibility, induced, k):
    return 0.5 + (visibility - induced * x**2) * erf(k * x) / 2


def chain(rng):
    """Return fractions of correct answers around the best amplitude of a random readout chain."""
    law = {
        "visibility": rng.uniform(0.8, 0.99),
        "induced": 10 ** rng.uniform(-2, -1),
        "k": rng.uniform(1.2, 2.5),
    }
    best = minimize_scalar(lambda x: -fidelity(x, **law), bounds=(0.1, 5), method="bounded").x
    scale = 10 ** rng.uniform(-2, -0.5)
    x = best * np.geomspace(rng.uniform(0.3, 0.5), rng.uniform(1.6, 2.2), int(rng.integers(7, 16)))
    return scale * x, fidelity(x, **law), {"readout_amplitude": scale * best}


def counted(rng, truth, shots):
    return rng.binomial(shots, truth) / shots


@pytest.mark.parametrize(
    "shots", [2000, *(pytest.param(shots, marks=pytest.mark.release) for shots in (8192, 40000))]
)
def test_the_best_amplitude_and_its_error_are_honest(assert_honest, shots):
    def simulate(rng):
        # Few shots do not resolve the induced transitions of the weakest chains: these are refused, see below.
        while True:
            x, expected, truth = chain(rng)
            result = fit_readout_amplitude(x, counted(rng, expected, shots), shots=shots)
            if result.success:
                return result, truth

    assert_honest(simulate, ["readout_amplitude"])


def test_the_fidelity_at_the_top_is_honest(assert_honest):
    def simulate(rng):
        law = {"visibility": 0.96, "induced": 0.03, "k": 1.8}
        x = np.geomspace(0.4, 2.0, 10)
        top = -minimize_scalar(lambda a: -fidelity(a, **law), bounds=(0.1, 5), method="bounded").fun
        result = fit_readout_amplitude(x, counted(rng, fidelity(x, **law), 8192), shots=8192)
        return result, {"average_readout_fidelity": top}

    assert_honest(simulate, ["average_readout_fidelity"])


def test_what_lies_far_beyond_the_top_does_not_pull_it(rng):
    # The law for few transitions fails when half of the shots have transitions: the fidelity saturates.
    law = {"visibility": 0.96, "induced": 0.1, "k": 1.8}
    x = np.geomspace(0.4, 6.0, 16)
    y = np.maximum(fidelity(x, **law), 0.7)
    best = minimize_scalar(lambda a: -fidelity(a, **law), bounds=(0.1, 2), method="bounded").x
    found = fit_readout_amplitude(x, counted(rng, y, 8192), shots=8192).parameters["readout_amplitude"]
    assert abs(found.value - best) < 4 * found.error


def test_a_fidelity_that_still_rises_is_refused_and_says_where_to_look(rng):
    x = np.geomspace(0.1, 0.6, 10)
    y = fidelity(x, visibility=0.96, induced=0.02, k=1.8)
    result = fit_readout_amplitude(x, counted(rng, y, 8192), shots=8192)
    assert not result.success
    assert "sweep higher" in result.message


def test_a_fidelity_that_falls_from_the_smallest_amplitude_on_is_refused(rng):
    x = np.geomspace(1.5, 3.5, 10)
    y = fidelity(x, visibility=0.96, induced=0.04, k=1.8)
    result = fit_readout_amplitude(x, counted(rng, y, 8192), shots=8192)
    assert not result.success
    assert "sweep lower" in result.message


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_a_flat_fidelity_is_refused(rng, level):
    x = np.geomspace(0.1, 0.4, 10)
    accepted = sum(
        fit_readout_amplitude(x, counted(rng, np.full(10, level), 2000), shots=2000).success
        for _ in range(40)
    )
    assert accepted <= 2


@each_case(
    ("x", "y", "shots"),
    [
        (np.linspace(0, 1, 8), np.full(8, 0.9), 100),
        (np.linspace(0.1, 1, 8), np.full(8, 1.2), 100),
        (np.linspace(0.1, 1, 8), np.full(8, 0.9), 0),
        (np.linspace(0.1, 1, 4), np.full(4, 0.9), 100),
    ],
    ids=["amplitude zero", "share above one", "no shots", "too short"],
)
def test_impossible_input_is_an_error(x, y, shots):
    with pytest.raises(ValueError, match=r"positive|shares|short"):
        fit_readout_amplitude(x, y, shots=shots)
