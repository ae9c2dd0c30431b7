"""A notch resonator behind a cable, asymmetric, complex or in magnitude."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_analysis import fit_coupling_rates, fit_resonator

from ..case_tables import each_case


def notch(x, frequency, width, d):
    return 1 - d / (1 + 2j * (x - frequency) / width)


def sweep(rng, *, relative_width, points, contrast_over_noise):
    """Return a sweep over a resonator of 2 MHz linewidth with random asymmetry, a cable of up to 80 ns and a
    gain slope.
    """
    frequency, width = rng.uniform(4, 8), 0.002
    span = width / relative_width
    x = frequency + span * (np.linspace(-0.5, 0.5, points) + rng.uniform(-0.2, 0.2))
    d = rng.uniform(0.4, 0.9) * np.exp(1j * rng.uniform(-0.5, 0.5))
    cable = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * rng.uniform(0, 80) * (x - x[0])))
    y = 2 * cable * (1 + rng.normal(0, 0.05) * (x - x[0]) / span) * notch(x, frequency, width, d)
    q_loaded = frequency / width
    truth = {
        "frequency": frequency,
        "linewidth": 1e3 * width,
        "q_loaded": q_loaded,
        "q_internal": q_loaded / (1 - d.real),
    }
    return x, y, 2 / contrast_over_noise, truth


@settings(max_examples=settings().max_examples // 3)
@given(
    centre=st.floats(-0.3, 0.3),
    relative_width=st.floats(0.05, 0.3),
    points=st.integers(81, 201),
    coupling=st.floats(0.3, 0.95),
    asymmetry=st.floats(-0.6, 0.6),
    turns=st.floats(-15, 15),
    size=st.floats(1e-6, 1e3),
    seed=st.integers(0, 2**31),
)
def test_any_cable_asymmetry_and_size_is_fitted(
    centre, relative_width, points, coupling, asymmetry, turns, size, seed
):
    place = np.linspace(-0.5, 0.5, points)
    x = 6 + 0.01 * place
    s21 = notch(place, centre, relative_width, coupling * np.exp(1j * asymmetry)) * np.exp(
        -2j * np.pi * turns * place
    )
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.01, points) + 1j * rng.normal(0, 0.01, points)
    result = fit_resonator(x, size * (s21 + noise))
    for name, expected in [("frequency", 6 + 0.01 * centre), ("linewidth", 10 * relative_width)]:
        estimate = result.parameters[name]
        assert abs(estimate.value - expected) < 5 * estimate.error
    assert np.mean(np.abs(result.predict(x) / size - s21) ** 2) < 1e-4


def test_a_prediction_is_complex_where_the_data_are(rng):
    x, y, sigma, _ = sweep(rng, relative_width=0.1, points=101, contrast_over_noise=100)
    result = fit_resonator(x, y + rng.normal(0, sigma, 101))
    assert np.iscomplexobj(result.predict(x[:7]))
    assert result.predict(x[:7]).shape == (7,)


def test_a_full_dip_does_not_tell_the_internal_loss(rng):
    x = np.linspace(5, 5.02, 101)
    y = notch(x, 5.01, 0.002, 1.0) + rng.normal(0, 0.02, 101) + 1j * rng.normal(0, 0.02, 101)
    result = fit_resonator(x, y)
    assert "q_internal" not in result.parameters
    assert "q_internal not determined" in result.message


def test_a_hump_in_the_background_does_not_pull_a_narrow_line(rng):
    x = np.linspace(5, 5.1, 801)
    hump = 1 + 0.5 * np.exp(-(((x - 5.03) / 0.02) ** 2))
    y = hump * notch(x, 5.04, 0.001, 0.7) + rng.normal(0, 0.01, 801) + 1j * rng.normal(0, 0.01, 801)
    result = fit_resonator(x, y)
    assert "surroundings" in result.message
    assert result.parameters["frequency"].value == pytest.approx(5.04, abs=5e-5)
    assert result.parameters["linewidth"].value == pytest.approx(1.0, rel=0.1)


def test_a_ripple_on_a_line_that_fills_the_window_does_not_hide_it(rng):
    x = np.linspace(5, 5.003, 201)
    ripple = 1 + 0.03 * np.sin(2 * np.pi * (x - 5) / 0.0004)
    y = ripple * notch(x, 5.0015, 0.002, 0.7) + rng.normal(0, 0.005, 201) + 1j * rng.normal(0, 0.005, 201)
    result = fit_resonator(x, y)
    assert result.success, result.message
    assert result.parameters["frequency"].value == pytest.approx(5.0015, abs=1e-4)


@each_case("part", [np.asarray, np.abs], ids=["complex", "magnitude"])
@each_case(
    ("frequency", "width"), [(5.04, 0.002), (4.98, 0.002), (5.01, 0.2)], ids=["above", "below", "too broad"]
)
def test_a_line_that_the_window_does_not_hold_is_refused(rng, part, frequency, width):
    x = np.linspace(5, 5.02, 101)
    for _ in range(10):
        noise = rng.normal(0, 0.02, 101) + 1j * rng.normal(0, 0.02, 101)
        assert not fit_resonator(x, part(notch(x, frequency, width, 0.6) + noise)).success


def test_one_bad_point_is_no_resonator(rng):
    y = 1 + rng.normal(0, 0.01, 101) + 1j * rng.normal(0, 0.01, 101)
    y[30] = 0.2
    for trace in (y, np.abs(y)):
        assert not fit_resonator(np.linspace(5, 5.02, 101), trace).success


@each_case("known", [True, False], ids=["known noise", "unknown noise"])
@each_case("part", [np.asarray, np.abs], ids=["complex", "magnitude"])
@each_case("noise", [0.01, 0.1])
def test_a_step_in_the_background_is_no_resonator(rng, part, noise, known):
    x = np.linspace(5, 5.02, 101)
    accepted = 0
    for _ in range(8):
        step = 1 + 0.5 * (x > rng.uniform(5.006, 5.014))
        y = part(step + noise * (rng.normal(size=101) + 1j * rng.normal(size=101)))
        accepted += fit_resonator(x, y, sigma=noise if known else None).success
    assert accepted <= 1


# --- two lines that look like one ------------------------------------------------------------------------------------

CLOSE = 6 + np.linspace(-6, 6, 101) * 1e-3


def white(rng, sigma):
    return sigma * (rng.normal(size=CLOSE.size) + 1j * rng.normal(size=CLOSE.size))


def pair(*, apart, width=0.002, second=0.0015):
    return notch(CLOSE, 6.0, width, 0.9) * notch(CLOSE, 6.0 + apart, second, 0.85 + 0.1j)


@pytest.mark.parametrize("known", [True, False], ids=["known noise", "unknown noise"])
@pytest.mark.parametrize("fit", [fit_resonator, fit_coupling_rates], ids=lambda fit: fit.__name__)
@pytest.mark.parametrize(
    "apart", [-0.0004, 0.001, *(pytest.param(one, marks=pytest.mark.release) for one in (-0.001, 0.0004))]
)
def test_two_resonances_that_overlap_are_refused(rng, fit, apart, known):
    for _ in range(2):
        s21 = pair(apart=apart) + white(rng, 0.01)
        assert "two resonances that overlap" in fit(CLOSE, s21, sigma=0.01 if known else None).message


@pytest.mark.parametrize(("traces", "most"), [(12, 0), pytest.param(100, 5, marks=pytest.mark.release)])
def test_where_noise_hides_the_second_resonance_the_error_contains_it(rng, traces, most):
    """A fit of one notch is 0.5 MHz off the wanted resonance, up to 10 of its errors."""
    beyond, accepted = 0, 0
    for _ in range(traces):
        fit = fit_resonator(CLOSE, pair(apart=0.001) + white(rng, 0.08), sigma=0.08)
        if fit.success:
            found = fit.parameters["frequency"]
            accepted += 1
            beyond += abs(found.value - 6.0) > 3 * found.error
    assert 0 < accepted < 0.6 * traces
    assert beyond <= most


@pytest.mark.parametrize(
    ("apart", "widths", "sigma"),
    [
        pytest.param(0.3e-3, (1e-3, 1e-3), 0.01, marks=pytest.mark.release),
        (0.5e-3, (2e-3, 1.5e-3), 0.03),
    ],
)
def test_reflections_between_two_resonators_are_part_of_the_errors(rng, apart, widths, sigma):
    """Both resonators shunt the line at one point; without the second line, the width is 9 to 50 errors off."""
    shunts = (
        0.45 * width / (0.05 * width + 1j * (CLOSE - at))
        for width, at in zip(widths, (6.0, 6.0 + apart), strict=True)
    )
    s21 = 1 / (1 + sum(shunts))
    fits = [fit_resonator(CLOSE, s21 + white(rng, sigma), sigma=sigma) for _ in range(12)]
    accepted = [fit.parameters for fit in fits if fit.success]
    assert len(accepted) > 2
    for found in accepted:
        width, frequency = found["linewidth"], found["frequency"]
        assert min(abs(width.value - 1e3 * one) for one in widths) < 3 * width.error
        assert min(abs(frequency.value - one) for one in (6.0, 6.0 + apart)) < 3 * frequency.error


def test_two_resonances_are_the_reason_where_one_does_not_describe_the_data(rng):
    s21 = pair(apart=0.0025) + white(rng, 0.002)
    assert "two resonances that overlap" in fit_resonator(CLOSE, s21, sigma=0.002).message


@pytest.mark.parametrize("share", [pytest.param(0.01, marks=pytest.mark.release), 0.05])
def test_a_qubit_that_is_excited_in_some_shots_is_no_second_resonance(rng, share):
    width, d = 0.002, 0.9
    lines = (1 - share) / (1 + 2j * (CLOSE - 6.0) / width) + share / (1 + 2j * (CLOSE - 5.9985) / width)
    fits = [
        fit_coupling_rates(CLOSE, 1 - d * lines + white(rng, 0.001), sigma=0.001, geometry="transmission")
        for _ in range(12)
    ]
    truth = {"frequency": 6.0, "kappa_external": 1.8, "kappa_internal": 0.2}
    assert all(fit.success for fit in fits)
    for name, true in truth.items():
        found = [fit.parameters[name] for fit in fits]
        within = np.mean([abs(one.value - true) < 2 * one.error for one in found])
        assert within > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 12), name
