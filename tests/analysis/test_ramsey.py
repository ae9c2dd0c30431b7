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
