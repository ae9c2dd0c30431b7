"""Chevrons: Rabi oscillations against duration and drive frequency."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_analysis import fit_chevron

from ..case_tables import each_case


def chevron(times, frequencies, resonance, rabi, decay=np.inf):
    detuning = (frequencies - resonance) * 1e3
    effective = np.hypot(rabi, detuning)[:, None]
    wave = np.cos(2e-3 * np.pi * effective * times) * np.exp(-times / decay)
    return (rabi / effective) ** 2 * (1 - wave) / 2


def measured(rng, *, points=(25, 31), periods=3.0, reach=2.5, noise=0.05, decay=np.inf):
    """Return a window of five Rabi frequencies about a resonance in its middle half, of either sign."""
    rabi = np.exp(rng.uniform(np.log(3), np.log(40)))
    times = np.linspace(0, periods / rabi * 1e3, points[1])
    frequencies = 5 + np.linspace(-reach, reach, points[0]) * rabi * 1e-3
    truth = {"frequency": 5 + rng.uniform(-0.5, 0.5) * reach * rabi * 1e-3, "rabi_frequency": rabi}
    y = chevron(times, frequencies, truth["frequency"], rabi, decay * times[-1])
    y = rng.choice([-1, 1]) * (y + rng.normal(0, noise, y.shape)) + rng.normal()
    return (times, frequencies), y, noise, truth


WINDOWS = [
    ((25, 31), 3.0, 0.05, np.inf),
    ((11, 21), 2.0, 0.1, 1.0),
    ((31, 26), 5.0, 0.02, 0.5),
    ((15, 15), 1.2, 0.03, 5.0),
]
QUICK = {(1, True), (2, False), (3, True)}
"""Windows among the quick tests, with noise that is known or not."""


@pytest.mark.parametrize(
    ("points", "periods", "noise", "decay", "known"),
    [
        pytest.param(
            *window,
            known,
            id=f"{place}-{'known' if known else 'unknown'} noise",
            marks=() if (place, known) in QUICK else pytest.mark.release,
        )
        for place, window in enumerate(WINDOWS)
        for known in (True, False)
    ],
)
def test_frequency_and_rabi_frequency_are_honest(assert_honest, points, periods, noise, decay, known):
    def simulate(rng):
        x, y, sigma, truth = measured(rng, points=points, periods=periods, noise=noise, decay=decay)
        return fit_chevron(x, y, sigma=sigma if known else None), truth

    assert_honest(simulate, ["frequency", "rabi_frequency"], traces=60)


@settings(max_examples=settings().max_examples // 3)
@given(
    periods=st.floats(1.0, 6.0),
    reach=st.floats(1.0, 4.0),
    frequencies=st.integers(11, 51),
    times=st.integers(25, 51),
    height=st.floats(-1e3, 1e3).filter(lambda h: abs(h) > 1e-6),
    seed=st.integers(0, 2**31),
)
def test_the_resonance_is_found_anywhere(periods, reach, frequencies, times, height, seed):
    rng = np.random.default_rng(seed)
    x, y, _, truth = measured(rng, points=(frequencies, times), periods=periods, reach=reach)
    found = fit_chevron(x, height * y).parameters
    for name, value in truth.items():
        assert abs(found[name].value - value) < 5 * found[name].error


def test_noise_that_differs_between_points_is_weighed(assert_honest):
    def simulate(rng):
        x, y, _, truth = measured(rng, noise=0.0)
        sigma = rng.uniform(0.02, 0.3, y.shape)
        return fit_chevron(x, y + sigma * rng.normal(0, 1, y.shape), sigma=sigma), truth

    assert_honest(simulate, ["frequency", "rabi_frequency"], traces=60)


def test_pure_noise_is_refused(rng):
    x = (np.linspace(0, 400, 31), np.linspace(4.98, 5.02, 21))
    accepted = sum(fit_chevron(x, rng.normal(0, 1, (21, 31)), sigma=1.0).success for _ in range(40))
    assert accepted <= 1


def test_a_flat_map_is_refused():
    x = (np.linspace(0, 400, 31), np.linspace(4.98, 5.02, 21))
    assert not fit_chevron(x, np.ones((21, 31))).success


@each_case("resonance", [4.955, 5.045, 4.9795], ids=["below", "above", "at the edge"])
def test_a_resonance_that_the_window_does_not_hold_is_refused(rng, resonance):
    times, frequencies = np.linspace(0, 300, 31), np.linspace(4.98, 5.02, 21)
    for _ in range(8):
        y = chevron(times, frequencies, resonance, 10.0) + rng.normal(0, 0.03, (21, 31))
        assert not fit_chevron((times, frequencies), y, sigma=0.03).success


def test_less_than_half_a_period_is_refused(rng):
    times, frequencies = np.linspace(0, 30, 31), np.linspace(4.98, 5.02, 21)
    y = chevron(times, frequencies, 5.0, 10.0) + rng.normal(0, 0.02, (21, 31))
    result = fit_chevron((times, frequencies), y, sigma=0.02)
    assert not result.success
    assert "too slow" in result.message


def test_another_pattern_is_no_chevron(rng):
    times, frequencies = np.linspace(0, 300, 31), np.linspace(4.98, 5.02, 21)
    y = np.cos(np.linspace(0, 12, 21))[:, None] * np.cos(np.linspace(0, 9, 31)) + rng.normal(
        0, 0.02, (21, 31)
    )
    assert not fit_chevron((times, frequencies), y, sigma=0.02).success


def test_the_model_is_a_surface_over_times_and_frequencies(rng):
    x, y, _, _ = measured(rng, noise=0.01)
    fit = fit_chevron(x, y)
    assert fit.predict(x).shape == y.shape
    assert np.std(fit.predict(x) - y) < 0.011
    assert fit.predict((x[0][:5], x[1])).shape == (x[1].size, 5)


@each_case(
    ("times", "shape", "sigma", "reason"),
    [
        (np.linspace(0, 300, 31), (31, 21), None, "row for each frequency"),
        (np.linspace(0, 300, 31), (21, 31), np.ones(31), "row for each frequency"),
        (np.linspace(0, 300, 5), (21, 5), None, "too short"),
        (np.linspace(-10, 300, 31), (21, 31), None, "negative"),
        (np.linspace(0, 300, 31), (21, 31), -1.0, "positive"),
    ],
    ids=["transposed", "sigma of another shape", "too short", "negative time", "negative sigma"],
)
def test_arrays_that_do_not_fit_are_named(times, shape, sigma, reason):
    with pytest.raises(ValueError, match=reason):
        fit_chevron((times, np.linspace(4.98, 5.02, 21)), np.zeros(shape), sigma=sigma)


def test_oscillations_far_from_resonance_are_no_chevron() -> None:
    """The flank of a resonance beside the window oscillates faster than its wide chevron; most of it is not described."""
    rng = np.random.default_rng([5, 10])
    rabi_mhz, resonance_ghz = rng.uniform(5, 15), 5.02 + rng.choice([-1, 1]) * 0.04
    frequencies, times = np.linspace(5.0, 5.04, 21), np.linspace(0, 400, 41)
    rate = np.hypot(rabi_mhz, 1e3 * (frequencies - resonance_ghz))[:, None]
    signal = (rabi_mhz / rate) ** 2 * (1 - np.cos(2e-3 * np.pi * rate * times) * np.exp(-times / 2000)) / 2
    found = fit_chevron((times, frequencies), signal + rng.normal(0, 0.03, signal.shape), sigma=0.03)
    assert not found.success
    assert "the model does not describe the data" in found.message
