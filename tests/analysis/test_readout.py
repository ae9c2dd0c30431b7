"""Readout classification of single shots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from qdash_analysis import fit_readout

PROBABILITIES = ["average_readout_fidelity", "p_meas1_prep0", "p_meas0_prep1"]


def clouds(rng, *, distance, shots, noise1=1.0, decayed=0.0, thermal=0.0):
    """Return two clouds on an axis at a random angle; a fraction of 1 decays during readout, a fraction of 0
    is 1 initially.
    """

    def points(places, noise):
        return places + noise * (rng.normal(size=shots) + 1j * rng.normal(size=shots))

    excited = rng.random(shots) < thermal
    late = np.where(rng.random(shots) < decayed, rng.random(shots), 1.0)
    shots0 = points(np.where(excited, distance, 0.0), np.where(excited, noise1, 1.0))
    shots1 = points(late * distance, noise1)
    angle = np.exp(1j * rng.uniform(-np.pi, np.pi))
    return shots0 * angle, shots1 * angle


def best_probabilities(distance, noise1=1.0, decayed=0.0, thermal=0.0):
    """Return p(1|0) and p(0|1) at the best threshold, from the distributions of `clouds`."""
    threshold = np.linspace(-2, distance + 2, 4001)
    below0, below1 = ndtr(threshold), ndtr((threshold - distance) / noise1)
    late = np.linspace(0.005, 0.995, 100)[:, None]
    below_late = ndtr((threshold - distance * late) / noise1).mean(axis=0)
    p10 = 1 - (1 - thermal) * below0 - thermal * below1
    p01 = (1 - decayed) * below1 + decayed * below_late
    best = (p10 + p01).argmin()
    return {
        "p_meas1_prep0": p10[best],
        "p_meas0_prep1": p01[best],
        "average_readout_fidelity": 1 - (p10[best] + p01[best]) / 2,
    }


@pytest.mark.parametrize(
    "case",
    [
        {"distance": 2.0},
        pytest.param({"distance": 4.0, "noise1": 1.5}, marks=pytest.mark.release),
        pytest.param({"distance": 6.0, "decayed": 0.1}, marks=pytest.mark.release),
        {"distance": 5.0, "decayed": 0.05, "thermal": 0.03},
    ],
    ids=str,
)
def test_the_fidelity_and_its_error_are_honest(assert_honest, case):
    truth = best_probabilities(**case)
    assert_honest(
        lambda rng: (fit_readout(*clouds(rng, shots=500, **case)), truth),
        ["average_readout_fidelity"],
    )


@pytest.mark.parametrize(
    "case",
    [
        pytest.param({"distance": 2.0}, marks=pytest.mark.release),
        {"distance": 4.0, "noise1": 1.5, "decayed": 0.05},
    ],
    ids=str,
)
def test_the_error_of_each_probability_holds_the_choice_of_the_threshold(rng, case):
    truth = best_probabilities(**case)
    results = [fit_readout(*clouds(rng, shots=300, **case)).parameters for _ in range(150)]
    for name in PROBABILITIES:
        pulls = np.array([(result[name].value - truth[name]) / result[name].error for result in results])
        assert np.mean(np.abs(pulls) < 2) > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 150)
        # The width of 150 pulls is known to 1 / sqrt(300) = 6 %, so 3.5 of these about one; below, another 0.1, because
        # judges of half of the shots scatter more than those of all.
        assert 0.7 < np.std(pulls) < 1.2, name


@pytest.mark.slow
def test_the_fidelity_is_not_flattered_by_the_choice_of_the_threshold(rng):
    # With 60 shots the best threshold on the same shots is biased by some 3 %. The mean of 150 scatters by 0.4 %.
    truth = best_probabilities(1.5)["average_readout_fidelity"]
    results = [fit_readout(*clouds(rng, distance=1.5, shots=60)) for _ in range(150)]
    mean = np.mean(
        [result.parameters["average_readout_fidelity"].value for result in results if result.success]
    )
    assert mean == pytest.approx(truth, abs=0.02)


def test_no_error_in_all_shots_is_not_certainty(rng):
    parameters = fit_readout(*clouds(rng, distance=20, shots=400)).parameters
    # Of the beta distribution (1/2, 400 + 1/2).
    mean, std = 0.5 / 401, np.sqrt(0.5 * 400.5 / 401**2 / 402)
    for name in PROBABILITIES[1:]:
        assert parameters[name].value == pytest.approx(mean)
        assert parameters[name].error == pytest.approx(std)
    fidelity = parameters["average_readout_fidelity"]
    assert fidelity.value == pytest.approx(1 - mean)
    assert fidelity.error == pytest.approx(std / np.sqrt(2))


@given(
    angle=st.floats(-np.pi, np.pi),
    size=st.floats(1e-6, 1e3),
    offset=st.complex_numbers(max_magnitude=10),
    n0=st.integers(200, 400),
    n1=st.integers(200, 400),
    seed=st.integers(0, 2**31),
)
def test_rotation_and_threshold_assign_the_shots(angle, size, offset, n0, n1, seed):
    rng = np.random.default_rng(seed)
    turn = size * np.exp(1j * angle)
    shots0 = turn * (offset + rng.normal(size=n0) + 1j * rng.normal(size=n0))
    shots1 = turn * (offset + 6 + rng.normal(size=n1) + 1j * rng.normal(size=n1))
    parameters = fit_readout(shots0, shots1).parameters
    rotation, threshold = parameters["rotation"], parameters["threshold"]
    assert -np.pi <= rotation.value <= np.pi
    assert np.mean((shots0 * np.exp(-1j * rotation.value)).real > threshold.value) < 0.03
    assert np.mean((shots1 * np.exp(-1j * rotation.value)).real > threshold.value) > 0.97
    assert abs(np.angle(np.exp(1j * (rotation.value - angle)))) < 5 * rotation.error


def test_there_is_no_curve_to_predict(rng):
    with pytest.raises(ValueError, match="no model"):
        fit_readout(*clouds(rng, distance=5, shots=100)).predict([0.0])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_the_message_names_a_third_cloud_beside_the_line(rng, share):
    shots0, shots1 = clouds(rng, distance=6, shots=600, decayed=0.05, thermal=0.02)
    across = 1j * (shots1.mean() - shots0.mean())
    shots1[rng.random(600) < share] += across
    result = fit_readout(shots0, shots1)
    assert result.success
    assert "shots with 1 prepared form a third cloud beside the line from 0 to 1" in result.message
    assert "shots with 0 prepared form" not in result.message


@pytest.mark.parametrize(
    "case",
    [{"distance": 3.0}, {"distance": 6.0, "decayed": 0.3, "thermal": 0.1}, {"distance": 4.0, "noise1": 1.5}],
    ids=str,
)
def test_two_clouds_with_decay_are_no_third(rng, case):
    messages = {fit_readout(*clouds(rng, shots=200, **case)).message for _ in range(100)}
    assert not [message for message in messages if "third" in message]
