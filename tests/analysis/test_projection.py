"""Projection of IQ points to a real signal: axis, sign, noise, and ambiguous cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import FitResult, fit_t1, project

from ..case_tables import each_case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .conftest import HonestyCheck

    Complexes = NDArray[np.complex128]

X = np.linspace(0, 200, 51)
DECAY = np.exp(-X / 50)
ZERO, ONE = 0.3 - 0.2j, 0.9 + 0.6j
ANGLES = st.floats(-np.pi, np.pi)


def on_a_line(share: Any, zero: complex = ZERO, one: complex = ONE) -> Complexes:
    return np.asarray(zero + np.asarray(share) * (one - zero))


def noise(rng: np.random.Generator, shape: Any, sigma: float) -> Complexes:
    return np.asarray(rng.normal(0, sigma, shape) + 1j * rng.normal(0, sigma, shape))


def shots_of(rng: np.random.Generator, share: Any, count: int, *, blob: float = 0.3) -> Complexes:
    """Return shots of a mixture of two states, shape (n, count), with one cloud per state."""
    excited = rng.random((np.size(share), count)) < np.asarray(share)[:, None]
    return on_a_line(excited) + noise(rng, excited.shape, blob)


# --- axis and sign ---------------------------------------------------------------------------------------------------


@given(turn=ANGLES, scale=st.floats(1e-6, 1e6))
def test_between_references_the_signal_is_the_share_of_one_however_the_plane_lies(
    turn: float, scale: float
) -> None:
    moved = scale * np.exp(1j * turn)
    found = project(moved * on_a_line(DECAY), zero=moved * ZERO, one=moved * ONE)
    assert found.success
    assert found.y == pytest.approx(DECAY, abs=1e-9)
    assert found.sigma is None
    assert found.origin == pytest.approx(moved * ZERO)
    assert found.axis == pytest.approx(moved / scale * (ONE - ZERO) / abs(ONE - ZERO))


@given(turn=ANGLES)
def test_without_references_the_signal_is_along_the_line_about_its_mean_and_grows_with_i(turn: float) -> None:
    points = np.exp(1j * turn) * on_a_line(DECAY)
    found = project(points)
    assert found.success
    assert abs(found.axis) == pytest.approx(1)
    assert found.axis.real > -1e-9
    assert found.origin + found.y * found.axis == pytest.approx(points)
    assert np.ptp(found.y) == pytest.approx(abs(ONE - ZERO) * np.ptp(DECAY))
    assert found.y.mean() == pytest.approx(0, abs=1e-12)


def test_a_fit_does_not_mind_which_way_the_signal_points(rng: np.random.Generator) -> None:
    points = on_a_line(DECAY) + noise(rng, X.size, 0.02)
    up, down = (project(points, zero=zero, one=one) for zero, one in ((ZERO, ONE), (ONE, ZERO)))
    principal = project(points)
    found = [fit_t1(X, one.y).parameters["t1"].value for one in (up, down, principal)]
    assert found[1] == pytest.approx(found[0])
    assert found[2] == pytest.approx(found[0], rel=0.01)


def test_two_clusters_give_the_axis_through_both(rng: np.random.Generator) -> None:
    shots = shots_of(rng, np.full(1, 0.4), 4000, blob=0.15)[0]
    found = project(shots)
    assert abs(np.angle(found.axis / (ONE - ZERO))) < 0.02
    share = project(shots, zero=ZERO, one=ONE).y.mean()
    assert share == pytest.approx(0.4, abs=4 * np.sqrt((0.24 + 0.15**2) / 4000))


# --- noise -----------------------------------------------------------------------------------------------------------


def test_the_noise_along_the_axis_is_that_of_both_quadratures_and_their_covariance() -> None:
    points = on_a_line(DECAY, 0, 1 + 1j)
    sigma, covariance = np.full(X.size, 0.03 + 0.04j), 0.0006
    # Along (1, 1)/sqrt(2): (0.03² + 0.04²)/2 + 0.0006; between the references divided by their distance.
    expected = np.sqrt(0.00125 + 0.0006)
    assert project(points, sigma=sigma, covariance=covariance).sigma == pytest.approx(expected)
    found = project(points, sigma=sigma, covariance=covariance, zero=0, one=1 + 1j)
    assert found.sigma == pytest.approx(expected / np.sqrt(2))
    assert project(points, sigma=0.05).sigma == pytest.approx(0.05)
    assert project(points, sigma=0.03 + 0.03j).sigma == pytest.approx(0.03)


@pytest.mark.parametrize("references", [True, False])
def test_the_noise_of_shots_is_as_their_signal_scatters(rng: np.random.Generator, references: bool) -> None:
    count, options = 64, {"zero": ZERO, "one": ONE} if references else {}
    unit = 1.0 if references else abs(ONE - ZERO)
    pulls = []
    for _ in range(40):
        found = project(shots_of(rng, DECAY, count), **options)
        assert found.sigma is not None
        pulls.append((found.y / unit - (DECAY if references else DECAY - DECAY.mean())) * unit / found.sigma)
    # For 40 traces of 51 points; without references the mean of each trace is subtracted.
    assert np.std(pulls) == pytest.approx(1, abs=4 / np.sqrt(2 * 40 * 51))


def test_fits_of_what_is_projected_have_honest_errors(assert_honest: HonestyCheck) -> None:
    def simulate(rng: np.random.Generator) -> tuple[FitResult, dict[str, float]]:
        found = project(shots_of(rng, DECAY, 32))
        return fit_t1(X, found.y, sigma=found.sigma), {"t1": 50.0}

    assert_honest(simulate, ["t1"])


# --- what cannot be told ---------------------------------------------------------------------------------------------


def refused(rng: np.random.Generator, traces: int, **options: Any) -> int:
    return sum(not project(noise(rng, X.size, 0.1), **options).success for _ in range(traces))


def test_noise_is_no_signal(rng: np.random.Generator) -> None:
    # Known noise: five standard deviations. Unknown noise: half a percent each for points and for means of four.
    assert refused(rng, 300, sigma=0.1) == 300
    assert refused(rng, 300) >= 300 * 0.99 - 4 * np.sqrt(300 * 0.01)
    assert "does not change beyond the scatter" in project(noise(rng, X.size, 0.1), sigma=0.1).message


def test_what_is_refused_is_still_there_for_a_fit_to_refuse(rng: np.random.Generator) -> None:
    found = project(noise(rng, X.size, 0.1))
    assert not found.success
    assert "no direction of the IQ plane stands out" in found.message
    assert found.y.shape == X.shape
    assert not fit_t1(X, found.y).success


def test_a_slow_decay_below_the_noise_of_a_point_is_seen(rng: np.random.Generator) -> None:
    seen = [project(0.5 * DECAY + noise(rng, X.size, 0.1), sigma=0.1).success for _ in range(50)]
    strong = [project(0.9 * DECAY + noise(rng, X.size, 0.1)).success for _ in range(50)]
    assert sum(seen) == sum(strong) == 50


def test_equal_points_are_no_signal() -> None:
    assert not project(np.full(20, 0.3 + 0.1j)).success


def test_a_plane_that_turns_meanwhile_is_named(rng: np.random.Generator) -> None:
    zero, one = 0.3 + 0.4j, 0.9 + 1.2j
    points = on_a_line((1 + np.cos(X / 8)) / 2, zero, one)
    for options in ({}, {"zero": zero, "one": one}):
        still = project(points + noise(rng, X.size, 0.02), sigma=0.02, **options)
        turning = points * np.exp(1j * np.linspace(0, 0.2, X.size))
        measured = turning + noise(rng, X.size, 0.02)
        turned = project(measured, sigma=0.02, **options)
        assert "the plane turned meanwhile" in project(measured, **options).message
        assert "turned" not in still.message
        assert turned.success
        assert "the plane turned meanwhile" in turned.message


def test_a_line_is_not_taken_for_a_plane_that_turns(rng: np.random.Generator) -> None:
    lines = [on_a_line(DECAY) + noise(rng, X.size, 0.05) for _ in range(200)]
    assert not any("turned" in project(points, sigma=0.05).message for points in lines)
    assert sum("turned" in project(points).message for points in lines) <= 2
    assert "turned" not in project(on_a_line(DECAY)).message


def test_references_of_another_call_whose_plane_has_turned_are_named(rng: np.random.Generator) -> None:
    found = project(np.exp(0.6j) * shots_of(rng, DECAY, 400), zero=ZERO, one=ONE)
    assert "lie beside it" in found.message


def test_few_shots_are_not_taken_for_a_plane_that_turns(rng: np.random.Generator) -> None:
    messages = [project(shots_of(rng, DECAY, 8)).message for _ in range(100)]
    assert sum("turned" in message for message in messages) <= 1


def test_references_that_scatter_as_far_as_they_are_apart_are_refused(rng: np.random.Generator) -> None:
    ends = {"zero": noise(rng, 50, 0.1), "one": 0.05 + noise(rng, 50, 0.1)}
    found = project(0.05 * DECAY, **ends)
    assert not found.success
    assert "does not tell 0 from 1" in found.message
    apart = project(DECAY, zero=noise(rng, 50, 0.1), one=1 + noise(rng, 50, 0.1))
    assert apart.success
    assert apart.y == pytest.approx(DECAY, abs=0.1)


POINTS = on_a_line(DECAY)


@each_case(
    ("arguments", "options", "message"),
    [
        (POINTS[:2], {}, "iq is too short: 2 points"),
        ([], {"zero": 0, "one": 1}, "iq is too short: 0 points"),
        (POINTS[:, None], {}, "1 shots of each point"),
        (np.zeros((3, 4, 5)), {}, "iq must be one-dimensional"),
        (np.full((5, 4), 1 + 1j), {}, "all 4 shots"),
        ([1, np.nan, 2], {}, "iq must be finite"),
        (POINTS, {"sigma": 0.0}, "sigma must be positive"),
        (POINTS, {"sigma": [0.1, 0.2]}, "sigma must be a scalar or as long"),
        (POINTS, {"sigma": 0.1 + 0j}, "sigma must be positive"),
        (np.stack([POINTS, -POINTS], axis=1), {"sigma": 0.1}, "iq holds shots"),
        (POINTS, {"covariance": 0.1}, "covariance is of no use without sigma"),
        (POINTS, {"sigma": 0.1, "covariance": 0.02}, "covariance is larger"),
        (POINTS, {"zero": 0}, "both references"),
        (POINTS, {"zero": 1, "one": 1}, "zero and one are equal"),
        (POINTS, {"zero": [], "one": 1}, "zero is empty"),
        (POINTS, {"zero": np.inf, "one": 1}, "zero must be finite"),
    ],
)
def test_what_is_no_sweep_is_refused(arguments: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        project(arguments, **options)


def test_fits_of_a_real_signal_name_the_function() -> None:
    with pytest.raises(ValueError, match=r"qdash_analysis\.project"):
        fit_t1(X, POINTS)
