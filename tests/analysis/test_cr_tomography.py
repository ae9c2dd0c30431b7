"""Hamiltonian tomography of a cross-resonance tone."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_analysis import fit_cr_tomography

from ..case_tables import each_case
from .coupled_qubits import target_under_shaped_tone, target_under_tone

NAMES = ("zx", "ix", "zy", "iy", "zz", "iz")
STILL = dict.fromkeys(NAMES, 0.0)
SIGMA = 0.02


def traces(rng, rates, *, window=1.0, points=51, sigma=SIGMA, wrong=0.01, start=0.0):
    x = start + np.linspace(0, window, points)
    y = target_under_tone(
        x, {**STILL, **rates}, control_t1_us=150, target_t1_us=120, target_t2_us=100, wrong=wrong
    )
    return 1e3 * x, y + rng.normal(0, sigma, y.shape)


MET = {
    "one state hardly turns": {"zx": 0.8, "ix": -0.79},
    "IX far above ZX": {"zx": 0.1, "ix": 4.0, "iy": 1.0},
    "nearly ZX alone": {"zx": -1.2, "ix": 0.1, "zy": 0.05, "iz": 0.2},
    "slow": {"zx": 0.05, "ix": 0.02},
}
"""Rates that occur in calibrations."""
DRIVES = {"ZX": [(0.9, 0.05), (-1.0, 0.0)], "IY too": [(0.3, 0.8), (-0.2, 1.1)]}
"""Rates about X and Y with the control in |0>, and in |1>."""
MARKS = {("nearly ZX alone", False): (), ("slow", True): pytest.mark.slow}
"""Marks of cases with known or unknown noise; all others run before a release."""


def pulls(result, rates):
    assert result.success, result.message
    found = result.parameters
    return {name: (found[name].value - {**STILL, **rates}[name]) / found[name].error for name in NAMES}


@settings(max_examples=settings().max_examples // 3)
@given(
    rate=st.floats(np.log(0.05), np.log(6)),
    other=st.floats(np.log(0.05), np.log(6)),
    angles=st.tuples(st.floats(0, 6.28), st.floats(0, 6.28)),
    tilts=st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7)),
    seed=st.integers(0, 2**31),
)
def test_any_two_rotations_are_found_without_a_hint(rate, other, angles, tilts, seed):
    vectors = [
        np.exp(size) * np.array([np.cos(tilt) * np.cos(angle), np.cos(tilt) * np.sin(angle), np.sin(tilt)])
        for size, angle, tilt in zip((rate, other), angles, tilts, strict=True)
    ]
    rates = {}
    for axis, zero, one in zip("xyz", *vectors, strict=True):
        rates["z" + axis], rates["i" + axis] = (zero - one) / 2, (zero + one) / 2
    window = min(max(1.5 / np.exp(min(rate, other)), 0.3), 3.0)
    x, y = traces(
        np.random.default_rng(seed),
        rates,
        window=window,
        points=max(41, int(2.6 * window * np.exp(max(rate, other)))),
    )
    assert max(abs(pull) for pull in pulls(fit_cr_tomography(x, y, sigma=SIGMA), rates).values()) < 5.5


@pytest.mark.parametrize(
    ("rates", "known"),
    [
        pytest.param(rates, known, id=f"{name}-{known}", marks=MARKS.get((name, known), pytest.mark.release))
        for name, rates in MET.items()
        for known in (True, False)
    ],
)
def test_errors_hold_for_what_a_calibration_meets(rates, known, rng):
    found = []
    for _ in range(15):
        x, y = traces(rng, rates, window=2.0, points=61)
        found.append(list(pulls(fit_cr_tomography(x, y, sigma=SIGMA if known else None), rates).values()))
    # One truth for all: prior values and unconstrained parameters have the same error in each trace, below one sigma.
    size = np.abs(found)
    assert np.mean(size < 2) > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 15)
    assert np.sqrt(np.mean(size**2)) > 0.6


@pytest.mark.parametrize(
    ("t1_us", "rates"),
    [
        (25.0, {"zx": 0.25, "zz": 0.12, "iz": -0.12}),
        pytest.param(25.0, {"zx": 0.2, "zz": 0.05, "iz": -0.05}, marks=pytest.mark.release),
        pytest.param(100.0, {"zx": 0.2, "zz": 0.05, "iz": -0.05}, marks=pytest.mark.release),
        pytest.param(100.0, {"zx": 0.25, "zz": 0.12, "iz": -0.12}, marks=pytest.mark.release),
    ],
)
def test_a_control_that_relaxes_does_not_slow_zx_down(t1_us, rates, rng):
    x = np.linspace(0.05, 3.0, 37)
    y = target_under_tone(
        x, {**STILL, **rates}, control_t1_us=t1_us, target_t1_us=80, target_t2_us=60, wrong=0.01
    )
    for known in (t1_us, None):
        found = []
        for _ in range(8):
            result = fit_cr_tomography(
                1e3 * x, y + rng.normal(0, 0.004, y.shape), sigma=0.004, control_t1_us=known
            )
            found.append(pulls(result, rates)["zx"])
        # T1 and other unconstrained parameters have the same error in each trace.
        assert np.mean(np.abs(found) < 2) >= 0.7
        assert abs(np.mean(found)) < 1 + 4 / np.sqrt(8)


@pytest.mark.parametrize(
    ("drive", "edge_ns", "reading_ns", "zz"),
    [
        pytest.param(
            DRIVES[name],
            *one,
            id=f"{name}-{'-'.join(map(str, one))}",
            marks={("ZX", 12, 20, -0.1): (), ("IY too", 40, 50, 0.3): pytest.mark.slow}.get(
                (name, *one), pytest.mark.release
            ),
        )
        for name in DRIVES
        for one in product((12, 40), (20, 50), (-0.1, 0.1, 0.3))
    ],
)
def test_static_zz_beside_the_tone_is_within_the_error(drive, reading_ns, edge_ns, zz):
    x = np.linspace(2 * edge_ns, 1200, 31)
    y = target_under_shaped_tone(
        1e-3 * x, np.array(drive), zz_mhz=zz, edge_us=1e-3 * edge_ns, reading_us=1e-3 * reading_ns
    )
    first, second = np.array([[*drive[0], 0.0], [*drive[1], -zz]])
    rates = {}
    for axis, zero, one in zip("xyz", first, second, strict=True):
        rates["z" + axis], rates["i" + axis] = (zero - one) / 2, (zero + one) / 2
    # Without noise the only error is that of the edges, far below the noise elsewhere.
    assert max(abs(pull) for pull in pulls(fit_cr_tomography(x, y, sigma=0.003), rates).values()) < 1.2


def test_what_turns_about_z_after_the_tone_makes_the_axis_uncertain_not_the_rate(rng):
    errors = []
    for zeta in (0.0, 0.2):
        x, y = traces(rng, {"zx": 1.0, "zz": zeta / 2, "iz": -zeta / 2}, sigma=1e-3)
        found = fit_cr_tomography(x, y, sigma=1e-3).parameters
        errors.append((found["zx"].error, found["zy"].error))
    (_, quiet), (rate, loud) = errors
    assert rate < loud / 50
    # Some 15 ns at 0.2 MHz are 19 mrad with the control in |1>, half of it ZY; 6 mrad with either state are always unknown.
    assert quiet == pytest.approx(0.006 / np.sqrt(2), rel=0.2)
    assert loud == pytest.approx(np.hypot(0.0094, 0.006 / np.sqrt(2)), rel=0.2)


def test_the_sign_of_zx_says_which_way_the_target_turns(rng):
    # Control in |0>, positive rate about X: Z rotates towards -Y.
    x, y = traces(rng, {"zx": 1.0}, sigma=1e-3)
    assert y[1, 5] < -0.3
    assert y[4, 5] > 0.3
    assert fit_cr_tomography(x, y, sigma=1e-3).parameters["zx"].value == pytest.approx(1.0, abs=0.01)


def test_edges_of_the_tone_count_as_a_rise_offset(rng):
    x, y = traces(rng, {"zx": 1.0, "ix": 0.3}, start=0.02, sigma=0.005)
    result = fit_cr_tomography(x - 20, y, sigma=0.005)
    offset = result.parameters["rise_offset"]
    assert offset.unit == "ns"
    assert abs(offset.value - 20) < 5 * offset.error
    assert offset.error < 2


def test_a_fitted_path_follows_the_data_and_goes_on_beyond_them(rng):
    rates = {"zx": 1.0, "ix": 0.3, "iz": 0.1}
    x, y = traces(rng, rates)
    result = fit_cr_tomography(x, y, sigma=SIGMA)
    more, further = traces(rng, rates, window=1.5, sigma=0.0)
    assert result.predict(x).shape == (6, x.size)
    assert np.abs(result.predict(more) - further).max() < 0.1
    assert result.r2 > 0.99
    assert 0.7 < result.reduced_chi2 < 1.3


def test_the_covariance_is_that_of_the_estimates(rng):
    x, y = traces(rng, {"zx": 1.0, "ix": 0.3})
    result = fit_cr_tomography(x, y, sigma=SIGMA)
    errors = [estimate.error for estimate in result.parameters.values()]
    assert np.sqrt(np.diag(result.covariance)) == pytest.approx(errors)
    assert list(result.parameters)[:6] == ["zx", "ix", "zy", "iy", "zz", "iz"]


@pytest.mark.parametrize(
    ("lengths", "traces", "most"),
    [
        ((21,), 2, 0),
        pytest.param((12, 41, 81), 2, 0, marks=pytest.mark.release),
        pytest.param((12, 21, 41, 81), 20, 2, marks=pytest.mark.release),
        pytest.param((12, 21, 41, 81), 60, 4, marks=pytest.mark.release),
    ],
)
def test_noise_alone_is_refused(rng, lengths, traces, most):
    count = 0
    for points in lengths:
        x = np.linspace(20, 1000, points)
        for trace in range(traces):
            y = 0.3 * rng.normal(size=(6, points))
            count += fit_cr_tomography(x, y, sigma=0.3 if trace % 2 else None).success
    # The guarantee is 99.5 %: 1.2 of 240; more than 4 occur in one of a hundred runs, more than 2 of 80 or 1 of 20 in one of 130 or 220.
    assert count <= most


@pytest.mark.parametrize(("traces", "most"), [(2, 0), pytest.param(60, 1, marks=pytest.mark.release)])
def test_a_target_that_stays_where_it_is_is_refused(rng, traces, most):
    x = np.linspace(20, 1000, 41)
    y = np.repeat([0.0, 0.0, 1.0, 0.0, 0.0, 1.0], 41).reshape(6, 41)
    assert "flat" in fit_cr_tomography(x, y).message
    refused = [
        not fit_cr_tomography(x, y + rng.normal(0, 0.03, y.shape), sigma=0.03).success for _ in range(traces)
    ]
    assert sum(refused) >= traces - most


def test_a_rotation_at_the_limit_of_the_sampling_is_refused(rng):
    x, y = traces(rng, {"ix": 24.8}, points=51)
    result = fit_cr_tomography(x, y, sigma=SIGMA)
    assert not result.success
    assert "use smaller steps" in result.message


def test_a_path_that_is_no_rotation_is_refused(rng):
    x = np.linspace(0, 1000, 51)
    y = np.sign(np.sin(x / np.array([[70.0], [90], [50], [110], [60], [85]]))) + rng.normal(0, 0.02, (6, 51))
    result = fit_cr_tomography(x, y, sigma=0.02)
    assert not result.success
    assert "does not describe" in result.message


def test_a_t1_that_is_not_positive_is_named(rng):
    x, y = traces(rng, {"zx": 1.0})
    with pytest.raises(ValueError, match="control_t1_us must be positive, got 0"):
        fit_cr_tomography(x, y, control_t1_us=0)


X = np.linspace(0, 500, 21)
Y = np.zeros((6, 21))


@each_case(
    ("x", "y", "sigma", "message"),
    [
        (X[:5], Y[:, :5], None, "x is too short: 5 points"),
        (X[::-1], Y, None, "x must be sorted"),
        (X - 100, Y, None, "x must not be negative"),
        (X, Y[:5], None, r"y must hold X, Y, Z of the target for control 0, then for 1, shape \(6, 21\)"),
        (X, Y[0], None, "y must hold X, Y, Z"),
        (X, Y * np.nan, None, "y must be finite"),
        (X, Y, np.ones(21), "sigma must hold X, Y, Z"),
        (X, Y, -1.0, "sigma must be positive"),
    ],
)
def test_bad_input_is_named(x, y, sigma, message):
    with pytest.raises(ValueError, match=message):
        fit_cr_tomography(x, y, sigma=sigma)
