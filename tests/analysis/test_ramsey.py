"""Ramsey fringes with white, quasi-static and mixed noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import fit_ramsey

from ..case_tables import each_case


def fringes(rng, *, periods, decays, points, contrast_over_noise, share=1.0, window=20.0):
    """Return fringes with periods and decay times in a window of some us."""
    x = np.linspace(0, window, points)
    truth = {"detuning": periods / window, "t2_star": window / decays}
    u = x / truth["t2_star"]
    wave = np.exp(-share * u - (1 - share) * u**2) * np.cos(
        2 * np.pi * truth["detuning"] * x + rng.uniform(0, 6.3)
    )
    sigma = 0.4 / contrast_over_noise
    return x, 0.5 + 0.4 * wave + rng.normal(0, sigma, points), sigma, truth


def test_where_envelopes_look_alike_the_error_holds_their_difference(rng):
    within = []
    for _ in range(60):
        share = rng.choice([0.0, 0.5, 1.0])
        x, y, _, truth = fringes(rng, periods=5, decays=0.8, points=51, contrast_over_noise=12, share=share)
        estimate = fit_ramsey(x, y).parameters.get("t2_star")
        if estimate is not None:
            within.append(abs(estimate.value - truth["t2_star"]) < 2 * estimate.error)
    assert np.mean(within) > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 60)


@pytest.mark.parametrize(("share", "name"), [(1.0, "exponential"), (0.0, "Gaussian")])
def test_the_message_names_the_envelope(rng, share, name):
    x, y, _, _ = fringes(rng, periods=5, decays=2, points=101, contrast_over_noise=100, share=share)
    assert name in fit_ramsey(x, y).message


def test_a_decay_that_is_not_seen_is_left_out_and_the_message_says_so(rng):
    x, y, _, truth = fringes(rng, periods=5, decays=0.05, points=51, contrast_over_noise=20)
    result = fit_ramsey(x, y)
    assert result.success
    assert set(result.parameters) == {"detuning"}
    assert "decay not seen within the window" in result.message
    assert result.parameters["detuning"].value == pytest.approx(truth["detuning"], rel=0.01)


@given(
    periods=st.floats(2, 12),
    decays=st.floats(0.5, 2.5),
    points=st.integers(41, 121),
    window=st.floats(0.5, 500),
    share=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 2**31),
)
def test_the_detuning_is_found_for_any_window(periods, decays, points, window, share, seed):
    rng = np.random.default_rng(seed)
    x, y, _, truth = fringes(
        rng, periods=periods, decays=decays, points=points, contrast_over_noise=20, share=share, window=window
    )
    estimate = fit_ramsey(x, y).parameters["detuning"]
    assert estimate.value > 0
    assert abs(estimate.value - truth["detuning"]) < 5 * estimate.error


@each_case("periods", [0.0, 0.2, 0.5])
def test_less_than_the_needed_part_of_a_period_is_refused(rng, periods):
    for _ in range(8):
        x, y, _, _ = fringes(rng, periods=periods, decays=1, points=51, contrast_over_noise=50)
        assert not fit_ramsey(x, y).success


def test_an_uneven_sweep_is_fine(rng):
    x, y, _, truth = fringes(rng, periods=5, decays=1.5, points=201, contrast_over_noise=30)
    keep = np.sort(rng.choice(201, 80, replace=False))
    estimate = fit_ramsey(x[keep], y[keep]).parameters["detuning"]
    assert abs(estimate.value - truth["detuning"]) < 4 * estimate.error


def test_an_uneven_sweep_sees_beyond_half_its_typical_sampling_rate(assert_honest):
    # 60 of 201 points: the typical step would end the search at 1.7 MHz, the smallest one at 5 MHz.
    def simulate(rng):
        x, y, sigma, truth = fringes(rng, periods=60, decays=1.5, points=201, contrast_over_noise=20)
        keep = np.sort(rng.choice(201, 60, replace=False))
        return fit_ramsey(x[keep], y[keep], sigma=sigma), truth

    assert_honest(simulate, ["detuning"], traces=100)


def test_a_point_between_the_others_does_not_turn_a_frequency_into_its_alias(rng):
    for _ in range(20):
        x = np.sort(np.append(np.linspace(0, 20, 51), 10.2))
        y = np.cos(0.8 * np.pi * x + rng.uniform(0, 6.3)) * np.exp(-x / 12) + rng.normal(0, 0.2, 52)
        assert fit_ramsey(x, y).parameters["detuning"].value == pytest.approx(0.4, abs=0.02)


def test_t2_star_far_beyond_the_window_is_left_out(rng):
    given = 0
    for _ in range(40):
        x, y, sigma, _ = fringes(rng, periods=5, decays=0.02, points=51, contrast_over_noise=20)
        result = fit_ramsey(x, y, sigma=sigma)
        assert result.success
        if "t2_star" in result.parameters:
            given += 1
        else:
            assert "decay not seen within the window" in result.message
    assert given <= 2


def test_one_gross_outlier_is_left_out(rng):
    x, y, _, truth = fringes(rng, periods=4, decays=1.5, points=61, contrast_over_noise=30)
    y[5] += 1.5
    result = fit_ramsey(x, y)
    assert f"left out as outliers: x = {x[5]:g}" in result.message
    assert result.parameters["detuning"].value == pytest.approx(truth["detuning"], rel=0.02)


def two_frequencies(rng, *, apart, share=0.5, wander=0.0, window=100.0, points=51, phase=0.0):
    """Return fringes of two frequencies about 50 kHz, with a 1/e time of 60 us and noise of 3 %."""
    x = np.linspace(0, window, points)
    lines = 0.05 + apart * np.array([share - 1, share])
    moved = wander * rng.normal(size=points)
    waves = np.cos(2 * np.pi * (lines[:, None] + moved) * x + phase)
    y = np.exp(-x / 60) * (np.array([share, 1 - share]) @ waves)
    return x, 0.5 + 0.5 * y + rng.normal(0, 0.03, points), lines


@each_case(
    "case",
    [
        {"apart": 0.008},
        {"apart": 0.016},
        {"apart": 0.016, "share": 0.75},
        {"apart": 0.03, "window": 80.0, "points": 81},
    ],
    ids=str,
)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("draws", [6, pytest.param(200, marks=pytest.mark.release)])
def test_two_frequencies_are_refused_by_name(rng, case, known, draws):
    named = 0
    for _ in range(draws):
        x, y, _ = two_frequencies(rng, **case)
        result = fit_ramsey(x, y, sigma=0.03 if known else None)
        named += "two frequencies" in result.message
        if result.success:
            estimate = result.parameters["detuning"]
            assert abs(estimate.value - 0.05) < 5 * estimate.error
    assert named > 0.7 * draws - np.sqrt(draws)


@pytest.mark.parametrize("share", [0.12, 0.88])
def test_a_second_frequency_that_is_possible_widens_the_error_and_is_reported(rng, share):
    found = []
    for _ in range(40):
        x, y, lines = two_frequencies(rng, apart=0.016, share=share, phase=rng.uniform(0, 6.3))
        result = fit_ramsey(x, y, sigma=0.03)
        if "second_detuning" in result.parameters:
            found.append((result.parameters["detuning"], result.parameters["second_detuning"]))
    stronger, weaker = lines if share > 0.5 else lines[::-1]
    assert len(found) >= 5
    for detuning, second in found:
        assert abs(detuning.value - stronger) < 3 * detuning.error
        assert abs(second.value - weaker) < 4 * second.error


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("draws", [20, pytest.param(200, marks=pytest.mark.release)])
def test_a_frequency_that_wanders_between_the_points_is_measured(rng, known, draws):
    pulls, sizes = [], []
    for _ in range(draws):
        x, y, _ = two_frequencies(rng, apart=0.0, wander=0.002)
        result = fit_ramsey(x, y, sigma=0.03 if known else None)
        if not result.success:
            continue
        estimate = result.parameters["detuning"]
        pulls.append((estimate.value - 0.05) / estimate.error)
        if "wander" in result.parameters:
            sizes.append(result.parameters["wander"].value)
    assert len(pulls) >= 0.95 * draws
    assert np.mean(np.abs(pulls) < 2) > 0.9 - 2.5 * np.sqrt(0.09 / draws)
    if known:
        assert len(sizes) >= 0.9 * draws
        assert np.median(sizes) == pytest.approx(2, rel=0.25)


@pytest.mark.parametrize("known", [True, False])
def test_a_constant_frequency_neither_wanders_nor_splits(rng, known):
    for _ in range(60):
        x, y, _, _ = fringes(
            rng, periods=6, decays=1.5, points=51, contrast_over_noise=25, share=rng.choice([0.0, 0.5, 1.0])
        )
        result = fit_ramsey(x, y, sigma=0.4 / 25 if known else None)
        assert result.success
        assert "wander" not in result.parameters


def fit_slow_beats(rng, draws, beats):
    """Fit fringes of two frequencies, up to one beat in the window."""
    x = np.linspace(0, 58, 61)
    found = []
    for _ in range(draws):
        time, weak, first = rng.uniform(30, 60), rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.25)
        second = first + rng.uniform(*beats) / 58
        fringes = (1 - weak) * np.cos(2 * np.pi * first * x) + weak * np.cos(2 * np.pi * second * x)
        y = 0.5 + 0.5 * np.exp(-x / time) * fringes + rng.normal(0, 0.012, 61)
        result = fit_ramsey(x, y, sigma=0.012)
        if result.success:
            found.append((result, result.parameters["t2_star"], time))
    return found


@pytest.mark.parametrize("draws", [40, pytest.param(200, marks=pytest.mark.release)])
def test_where_a_slow_beat_shortens_t2_star_the_message_says_at_least(draws, rng):
    found = fit_slow_beats(rng, draws, beats=(0.2, 1))
    far = [result for result, estimate, time in found if time - estimate.value > 5 * estimate.error]
    assert far
    silent = [result for result in far if "t2_star is at least this" not in result.message]
    assert len(silent) <= 0.04 * draws


@pytest.mark.parametrize("draws", [60, pytest.param(300, marks=pytest.mark.release)])
def test_t2_star_of_an_exponential_is_seldom_called_a_least_value(draws, rng):
    found = fit_slow_beats(rng, draws, beats=(0, 0))
    assert len(found) == draws
    assert sum("at least" in result.message for result, *_ in found) <= 0.25 * draws + np.sqrt(draws)
    within = [abs(estimate.value - time) < 2 * estimate.error for _, estimate, time in found]
    assert np.mean(within) > 0.94 - 4 * np.sqrt(0.94 * 0.06 / draws)
