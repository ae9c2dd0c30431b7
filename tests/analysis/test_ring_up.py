"""Ring-up of a readout: refusals, and absent estimates."""

import numpy as np
import pytest

from qdash_analysis import fit_ring_up

from ..case_tables import each_case

START = np.arange(0, 1600, 32.0)


def signal(*, arrival=45.0, rate=1 / 200, missing=0.5, noise=0.005, seed=1):
    rng = np.random.default_rng(seed)
    begin, end = (np.maximum(START + shift - arrival, 0.0) for shift in (0, 32.0))
    mean = (0.5 * (end - begin) + missing * (np.exp(-rate * begin) - np.exp(-rate * end)) / rate) / 32
    return mean + noise * (rng.normal(size=START.size) + 1j * rng.normal(size=START.size))


def test_a_rise_faster_than_a_window_is_absent():
    found = fit_ring_up(START, signal(missing=0.0), window=32.0, sigma=0.005).parameters
    assert "ring_up_time" not in found
    # A fast rise and a late arrival look alike within a window.
    assert found["arrival"].value == pytest.approx(45, abs=16)
    assert found["level"].value == pytest.approx(0.5, abs=0.01)


@each_case("seed", range(8))
def test_a_signal_without_a_rise_arrives_within_its_window(seed):
    """A rise of any rate and an arrival explain a flat signal alike: neither may run away."""
    result = fit_ring_up(START, signal(missing=0.0, noise=0.02, seed=seed), window=32.0, sigma=0.02)
    arrival = result.parameters["arrival"]
    assert arrival.value == pytest.approx(45, abs=4 * arrival.error)
    assert 16 < arrival.error < 32
    assert "ring_up_time" not in result.parameters
    assert np.abs(result.predict(START[3:]) - 0.5).max() < 0.05


def test_a_signal_that_is_there_from_the_start_has_no_arrival():
    result = fit_ring_up(START, signal(arrival=-100.0, missing=0.0), window=32.0, sigma=0.005)
    assert set(result.parameters) == {"level"}
    assert "the arrival is not resolved" in result.message


def test_a_signal_below_the_noise_of_a_window_is_refused():
    result = fit_ring_up(START, signal(missing=0.0, noise=0.25), window=32.0, sigma=0.25)
    assert "times the noise of a window" in result.message


@each_case("seed", [6, 30, 82, 108])
def test_the_error_of_an_arrival_contains_the_minimum_beyond_an_edge_of_a_window(seed):
    """These arrivals were found in the window before, 4.1 to 4.8 errors of that minimum alone from the true one."""
    result = fit_ring_up(START, signal(arrival=37.0, noise=0.05, seed=seed), window=32.0, sigma=0.05)
    arrival = result.parameters["arrival"]
    assert arrival.value == pytest.approx(37, abs=3.5 * arrival.error)
    assert arrival.error < 16


def test_the_curve_passes_through_the_points():
    y = signal()
    result = fit_ring_up(START, y, window=32.0, sigma=0.005)
    assert np.abs(result.predict(START) - y).std() < 0.01
    assert result.reduced_chi2 == pytest.approx(1, abs=0.5)


@each_case(
    ("y", "told"),
    [
        (np.zeros(START.size, complex), "flat"),
        (signal(noise=0.0) * 0 + signal(noise=1.0) - signal(noise=0.0), "no readout signal above the noise"),
        (0.5 * np.exp(1j * START / 30), "the model does not describe the data"),
    ],
    ids=["flat", "noise", "a tone"],
)
def test_data_without_a_ring_up_are_refused(y, told):
    result = fit_ring_up(START, y, window=32.0)
    assert not result.success
    assert told in result.message


@each_case("window", [0.0, -1.0, np.inf, np.nan])
def test_an_impossible_window_is_an_error(window):
    with pytest.raises(ValueError, match="window must be positive and finite"):
        fit_ring_up(START, signal(), window=window)


# --- a readout that excites the qubit --------------------------------------------------------------------------------

SHOTS = 1000


def mixed(share, *, seed, scatter=0.15):
    """Return means and noise of shots; a share of them rises with the opposite detuning, to another level."""
    rng = np.random.default_rng(seed)
    rates = [1 / 200 + 1j * detuning for detuning in (0.004, -0.004)]
    states = []
    for rate in rates:
        missing = 0.8 * (1 / 200) / rate
        begin, end = (np.maximum(START + shift - 45.0, 0.0) for shift in (0, 32.0))
        rise = missing * (np.exp(-rate * begin) - np.exp(-rate * end)) / rate
        states.append(((1 - missing) * (end - begin) + rise) / 32)
    variance = scatter**2 + share * (1 - share) * np.abs(states[1] - states[0]) ** 2 / 2
    noise = rng.normal(size=START.size) + 1j * rng.normal(size=START.size)
    sigma = np.sqrt(variance / SHOTS)
    return (1 - share) * states[0] + share * states[1] + sigma * noise, sigma


@pytest.mark.parametrize(
    "share", [*(pytest.param(one, marks=pytest.mark.release) for one in (0.0, 0.1)), 0.05]
)
def test_a_share_of_excited_shots_is_part_of_the_error_of_the_ring_up(share):
    pulls = []
    for seed in range(16):
        y, sigma = mixed(share, seed=seed)
        rise = fit_ring_up(START, y, window=32.0, sigma=sigma, shots=SHOTS).parameters["ring_up_time"]
        pulls.append((rise.value - 200) / rise.error)
    assert np.mean(np.abs(pulls) < 1) > 0.683 - 3.5 * np.sqrt(0.683 * 0.317 / 16)
    assert np.abs(pulls).max() < 3.5


@pytest.mark.parametrize("share", [0.05, pytest.param(0.2, marks=pytest.mark.release)])
def test_shots_that_the_readout_excites_are_part_of_the_error_of_the_ring_up(share):
    """A qubit changes at some time of the readout, and the resonator then approaches another level."""
    rng = np.random.default_rng(3)
    changes = -np.log(1 - (np.arange(400) + 0.5) / 400) * 1600 / -np.log(1 - share)
    wave, course = np.zeros(400, complex), [np.zeros(400, complex)] * 45
    for time in np.arange(1600.0 - 45):
        rate = 1 / 200 + np.where(changes < time, 0.004j, -0.004j)
        settled = 0.8 / 200 / rate
        after = settled + (wave - settled) * np.exp(-rate)
        course.append(1 - (wave + after) / 2)
        wave = after
    states = np.array(course).reshape(START.size, 32, 400).mean(axis=1)
    sigma = np.sqrt((0.15**2 + states.var(axis=1) / 2) / SHOTS)
    rises = [
        fit_ring_up(
            START,
            states.mean(axis=1) + sigma * (rng.normal(size=START.size) + 1j * rng.normal(size=START.size)),
            window=32.0,
            sigma=sigma,
            shots=SHOTS,
        ).parameters["ring_up_time"]
        for _ in range(8)
    ]
    pulls = np.abs([(rise.value - 200) / rise.error for rise in rises])
    assert pulls.max() < 1.5


def test_without_excited_shots_their_number_changes_nothing():
    y, sigma = mixed(0.0, seed=1)
    told, untold = (fit_ring_up(START, y, window=32.0, sigma=sigma, shots=one) for one in (SHOTS, None))
    assert told.parameters == untold.parameters
