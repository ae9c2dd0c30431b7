"""Randomized benchmarking: error per Clifford and per gate, for coherent and incoherent errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_analysis import fit_interleaved_rb, fit_rb

from ..case_tables import each_case
from .populations_of_benchmarking import even, geometric, lost, sequences


@pytest.mark.parametrize(
    ("each", "share", "known"),
    [
        pytest.param(20, 0.0, False, id="shot noise-unknown noise"),
        pytest.param(20, 0.3, True, id="some coherent-known noise", marks=pytest.mark.release),
        pytest.param(5, 0.5, False, id="few coherent-unknown noise"),
        *(
            pytest.param(*one, marks=pytest.mark.release)
            for one in (
                (20, 0.0, True),
                (20, 0.3, False),
                (20, 1.0, True),
                (20, 1.0, False),
                (5, 0.0, True),
                (5, 0.0, False),
                (5, 0.5, True),
            )
        ),
    ],
)
def test_the_error_per_clifford_and_its_error_bar_are_honest(assert_honest, each, share, known):
    def simulate(rng):
        alpha = lost(rng)
        sigma = float(rng.uniform(0.005, 0.03))
        lengths = geometric(alpha, windows=rng.uniform(0.7, 2))
        amplitude = rng.choice([-1, 1]) * rng.uniform(0.3, 0.6)
        x, y = sequences(
            rng, alpha, lengths=lengths, each=each, sigma=sigma, share=share, amplitude=amplitude
        )
        result = fit_rb(x, y, sigma=sigma if known else None, asymptote=0.0)
        return result, {
            "alpha": alpha,
            "error_per_clifford": (1 - alpha) / 2,
            "average_gate_fidelity": (1 + alpha) / 2,
        }

    assert_honest(simulate, ["alpha", "error_per_clifford", "average_gate_fidelity"])


@pytest.mark.parametrize(
    "share", [pytest.param(0.0, marks=pytest.mark.release), 0.2], ids=["shot noise", "some coherent"]
)
def test_an_unknown_asymptote_is_fitted(assert_honest, share):
    def simulate(rng):
        alpha = lost(rng)
        lengths = even(alpha, windows=5)
        x, y = sequences(rng, alpha, lengths=lengths, sigma=0.01, share=share)
        return fit_rb(x, y), {"alpha": alpha}

    assert_honest(simulate, ["alpha"])


def test_one_point_for_each_length_is_enough(assert_honest):
    def simulate(rng):
        alpha = lost(rng)
        lengths = even(alpha, windows=5, count=41)
        x, y = sequences(rng, alpha, lengths=lengths, each=1, sigma=0.01)
        return fit_rb(x, y, sigma=0.01), {"alpha": alpha}

    assert_honest(simulate, ["alpha"])


def test_two_qubits_lose_three_quarters(rng):
    x, y = sequences(rng, 0.98, lengths=geometric(0.98, windows=2))
    one, two = (fit_rb(x, y, n_qubits=n, asymptote=0.0).parameters for n in (1, 2))
    assert one["alpha"] == two["alpha"]
    assert two["error_per_clifford"].value == pytest.approx(1.5 * one["error_per_clifford"].value)
    assert two["average_gate_fidelity"].value == pytest.approx(1 - two["error_per_clifford"].value)


@settings(max_examples=settings().max_examples // 3)
@given(
    error=st.floats(1e-5, 5e-2),
    amplitude=st.floats(1e-3, 1e3),
    offset=st.floats(-1e2, 1e2),
    seed=st.integers(0, 2**31),
)
def test_the_result_does_not_depend_on_scale_sign_or_offset(error, amplitude, offset, seed):
    rng, alpha = np.random.default_rng(seed), 1 - 2 * error
    lengths = even(alpha, windows=5)
    x, y = sequences(rng, alpha, lengths=lengths, sigma=0.01)
    plain = fit_rb(x, y).parameters["error_per_clifford"]
    for sign in (1, -1):
        scaled = fit_rb(x, offset + sign * amplitude * y).parameters["error_per_clifford"]
        assert scaled.value == pytest.approx(plain.value, rel=1e-3)
        assert scaled.error == pytest.approx(plain.error, rel=1e-2)


def test_scatter_between_sequences_widens_the_error(rng):
    lengths = geometric(0.999, windows=1.5)
    quiet, loud = (
        fit_rb(*sequences(rng, 0.999, lengths=lengths, share=share), sigma=0.02, asymptote=0.0).parameters[
            "alpha"
        ]
        for share in (0.0, 1.0)
    )
    # Finally uniform on the sphere: 0.5 / sqrt(3) against 0.02 of the shots.
    assert loud.error > 3 * quiet.error


def test_the_error_is_never_smaller_than_the_stated_noise_allows(rng):
    x, y = sequences(rng, 0.999, lengths=geometric(0.999, windows=1.5), sigma=0.002)
    told, untold = fit_rb(x, y, sigma=0.02, asymptote=0.0), fit_rb(x, y, asymptote=0.0)
    assert told.parameters["alpha"].error > 5 * untold.parameters["alpha"].error


@pytest.mark.parametrize(
    "asymptote", [pytest.param(None, marks=pytest.mark.release), 0.0], ids=["free", "known"]
)
def test_noise_of_means_that_is_told_is_the_noise_of_the_result(asymptote):
    # The noise is known and complete: the error is that of linear error propagation, without a factor for few points.
    lengths = even(0.99, windows=4)
    survival, noise = 0.5 * 0.99**lengths, 0.004
    design = np.stack([0.99**lengths, 0.5 * lengths * 0.99 ** (lengths - 1), np.ones_like(lengths)], axis=1)
    design = design[:, :2] if asymptote == 0.0 else design
    expected = noise * np.sqrt(np.linalg.inv(design.T @ design)[1, 1])
    rng = np.random.default_rng(5)
    errors = [
        fit_rb(lengths, survival + rng.normal(0, noise, lengths.size), sigma=noise, asymptote=asymptote)
        .parameters["alpha"]
        .error
        for _ in range(60)
    ]
    assert np.median(errors) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    "share", [0.0, pytest.param(0.5, marks=pytest.mark.release)], ids=["shot noise", "coherent scatter"]
)
def test_the_fidelity_of_one_gate_and_its_error_are_honest(assert_honest, share):
    def simulate(rng):
        alpha, gate = lost(rng), lost(rng)
        both = alpha * gate
        x, y = sequences(rng, alpha, lengths=geometric(alpha, windows=1.5), share=share)
        xi, yi = sequences(rng, both, lengths=geometric(both, windows=1.5), share=share, amplitude=0.49)
        result = fit_interleaved_rb(
            x, y, x_interleaved=xi, y_interleaved=yi, sigma=0.02, sigma_interleaved=0.02, asymptote=0.0
        )
        return result, {"alpha": alpha, "alpha_interleaved": both, "gate_fidelity": (1 + gate) / 2}

    assert_honest(simulate, ["alpha", "alpha_interleaved", "gate_fidelity"])


def test_the_error_of_one_gate_holds_those_of_both_decays(rng):
    """Both decays are equal for a gate without loss: with one of them missing the error would be too small by
    a factor of 1.4.
    """
    lengths = geometric(0.99, windows=1.5)
    (x, y), (xi, yi) = (sequences(rng, 0.99, lengths=lengths) for _ in range(2))
    found = fit_interleaved_rb(
        x, y, x_interleaved=xi, y_interleaved=yi, sigma=0.02, sigma_interleaved=0.02, asymptote=0.0
    ).parameters
    p, q, fidelity = (found[name] for name in ("alpha", "alpha_interleaved", "gate_fidelity"))
    assert p.error / p.value == pytest.approx(q.error / q.value, rel=0.3)
    assert fidelity.error == pytest.approx(
        q.value / p.value / 2 * np.hypot(p.error / p.value, q.error / q.value)
    )


@pytest.mark.slow
def test_a_perfect_gate_comes_out_above_one_as_often_as_below(rng):
    found = []
    for _ in range(60):
        lengths = geometric(0.998, windows=1.5)
        (x, y), (xi, yi) = (sequences(rng, 0.998, lengths=lengths) for _ in range(2))
        fit = fit_interleaved_rb(x, y, x_interleaved=xi, y_interleaved=yi, asymptote=0.0)
        found.append(fit.parameters["gate_fidelity"].value)
    # Binomial with 60 trials: four standard deviations are 15.5.
    assert 15 <= sum(value > 1 for value in found) <= 45


def test_magesans_bound_stands_beside_the_error(rng):
    x, y = sequences(rng, 0.99, lengths=geometric(0.99, windows=1.5))
    xi, yi = sequences(rng, 0.985, lengths=geometric(0.985, windows=1.5))
    fit = fit_interleaved_rb(x, y, x_interleaved=xi, y_interleaved=yi, asymptote=0.0)
    p, q = (fit.parameters[name].value for name in ("alpha", "alpha_interleaved"))
    bound = fit.parameters["systematic_bound"]
    assert bound.value == pytest.approx(0.5 * (abs(p - q / p) + 1 - p))
    assert bound.error is None
    assert fit.parameters["gate_fidelity"].error < bound.value
    assert "coherent errors may shift" in fit.message


@pytest.mark.parametrize(
    "share", [*(pytest.param(one, marks=pytest.mark.release) for one in (0.0, 0.25)), 0.5]
)
def test_scatter_between_sequences_tells_how_far_coherent_errors_may_shift_one_gate(rng, share):
    shifts = []
    for _ in range(20):
        x, y = sequences(rng, 0.998, lengths=geometric(0.998, windows=1.5), share=share)
        xi, yi = sequences(rng, 0.996, lengths=geometric(0.996, windows=1.5), share=share)
        fit = fit_interleaved_rb(
            x, y, x_interleaved=xi, y_interleaved=yi, sigma=0.02, sigma_interleaved=0.02, asymptote=0.0
        )
        shifts.append(fit.parameters["coherent_shift"].value)
    # sqrt(2 r s): a Clifford and a gate that each lose this fraction of 1e-3 coherently.
    assert np.median(shifts) == pytest.approx(np.sqrt(2) * share * 1e-3, rel=0.25, abs=2e-5)


def test_without_known_noise_scatter_says_nothing_of_coherence(rng):
    x, y = sequences(rng, 0.998, lengths=geometric(0.998, windows=1.5), share=0.5)
    fit = fit_interleaved_rb(x, y, x_interleaved=x, y_interleaved=y, asymptote=0.0)
    assert fit.parameters["coherent_shift"].value == 0


class TestRefused:
    lengths = np.unique(np.round(np.geomspace(1, 1000, 12)))

    @pytest.mark.parametrize(
        ("sigma", "asymptote"),
        [
            pytest.param(None, None, id="unknown noise-free"),
            pytest.param(0.02, None, id="known noise-free", marks=pytest.mark.release),
            pytest.param(None, 0.0, id="unknown noise-known", marks=pytest.mark.release),
            pytest.param(0.02, 0.0, id="known noise-known", marks=pytest.mark.release),
        ],
    )
    def test_noise(self, rng, asymptote, sigma):
        x = np.repeat(self.lengths, 20)
        fits = [fit_rb(x, rng.normal(0, 0.02, x.size), sigma=sigma, asymptote=asymptote) for _ in range(60)]
        # The fits aim at 0.2 % false positives and guarantee 0.5 %: more than 2 occur in one of three hundred runs.
        assert sum(fit.success for fit in fits) <= 2

    @pytest.mark.parametrize(
        "asymptote",
        [pytest.param(None, id="free"), pytest.param(0.0, id="known", marks=pytest.mark.release)],
    )
    def test_a_survival_that_does_not_decay(self, rng, asymptote):
        x = np.repeat(self.lengths, 20)
        fits = [fit_rb(x, 0.5 + rng.normal(0, 0.02, x.size), asymptote=asymptote) for _ in range(60)]
        assert sum(fit.success for fit in fits) <= 2

    @pytest.mark.parametrize("level", [0.0, 0.5])
    def test_a_flat_trace(self, level):
        fit = fit_rb(self.lengths, np.full(self.lengths.size, level))
        assert not fit.success
        assert "flat" in fit.message

    def test_a_window_too_short_to_tell_the_asymptote(self, rng):
        x, y = sequences(rng, 1 - 2e-5, lengths=self.lengths, sigma=0.01)
        fit = fit_rb(x, y)
        assert not fit.success
        assert "decay" in fit.message

    def test_a_decay_that_is_over_before_the_second_length(self, rng):
        x, y = sequences(rng, 0.5, lengths=np.array([0, 20, 40, 60, 80, 100]))
        fit = fit_rb(x, y, asymptote=0.0)
        assert not fit.success
        assert "shorter" in fit.message or "single" in fit.message

    def test_an_oscillation(self, rng):
        x = np.repeat(np.linspace(0, 100, 21), 20)
        fit = fit_rb(x, 0.5 * np.cos(x / 8) * np.exp(-x / 60) + rng.normal(0, 0.02, x.size), sigma=0.02)
        assert not fit.success
        assert "does not describe" in fit.message

    def test_an_interleaved_trace_of_noise(self, rng):
        x, y = sequences(rng, 0.998, lengths=self.lengths)
        fit = fit_interleaved_rb(
            x, y, x_interleaved=x, y_interleaved=rng.normal(0, 0.02, x.size), asymptote=0.0
        )
        assert not fit.success


@each_case(
    ("x", "message"),
    [
        ([1, 2, 4, 3, 5, 6], "sorted"),
        ([-1, 2, 3, 4, 5, 6], "negative"),
        ([1, 1, 2, 2, 3, 3], "lengths"),
        ([1, 2, 3, 4, 5], "short"),
        ([1, 2, 3, 4, 5, np.nan], "finite"),
    ],
)
def test_impossible_lengths_are_named(x, message):
    with pytest.raises(ValueError, match=message):
        fit_rb(x, np.ones(len(x)))


def test_impossible_interleaved_lengths_are_named_whatever_the_reference_holds():
    flat = np.ones(8)
    with pytest.raises(ValueError, match="x_interleaved must be sorted"):
        fit_interleaved_rb(np.arange(8), flat, x_interleaved=np.arange(8)[::-1], y_interleaved=flat)


@each_case("n_qubits", [0, 1.5, True])
def test_a_number_of_qubits_is_whole_and_positive(n_qubits):
    with pytest.raises(ValueError, match="n_qubits"):
        fit_rb(np.arange(8), np.arange(8), n_qubits=n_qubits)


@each_case("asymptote", [np.nan, np.inf, "0.5", [0.5], 0.5j, True])
@each_case("interleaved", [{}, {"x_interleaved": range(8), "y_interleaved": range(8)}])
def test_an_asymptote_is_a_finite_number(asymptote, interleaved):
    fit = fit_interleaved_rb if interleaved else fit_rb
    with pytest.raises(ValueError, match="asymptote must be a finite number, or None to fit it"):
        fit(range(8), range(8), asymptote=asymptote, **interleaved)
