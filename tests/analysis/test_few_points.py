"""Clear effects in few points: the stated noise, or repeated points, decide where the scatter about the fit cannot."""

import numpy as np
import pytest

from qdash_analysis import fit_pulse_train, fit_rabi, fit_ramsey, fit_rb, fit_t1, fit_t2_echo
from qdash_analysis.evidence import NoiseVariance, choose_variance

from ..case_tables import each_case
from .test_misfit_is_refused import described

DRAWS = [40, pytest.param(200, marks=pytest.mark.release)]


def shares(simulate, truth, draws):
    """Return the shares of draws that are accepted, and of these the one within two errors."""
    results = [simulate() for _ in range(draws)]
    accepted = [estimate for estimate in results if estimate is not None]
    within = [abs(estimate.value - truth) < 2 * estimate.error for estimate in accepted]
    return len(accepted) / draws, np.mean(within)


def require_honest(simulate, truth, draws):
    accepted, within = shares(simulate, truth, draws)
    assert accepted == 1
    # Four standard deviations below 0.94, for so many draws.
    assert within > 0.94 - 4 * np.sqrt(0.94 * 0.06 / draws)


@pytest.mark.parametrize("draws", DRAWS)
def test_eight_points_of_clear_fringes_are_enough_with_known_noise(draws, rng):
    x = np.linspace(0, 8, 8)

    def simulate():
        y = 0.5 + 0.5 * np.exp(-x / 6) * np.cos(2 * np.pi * 0.3 * x) + rng.normal(0, 0.02, 8)
        return fit_ramsey(x, y, sigma=0.02).parameters.get("detuning")

    require_honest(simulate, 0.3, draws)


@pytest.mark.parametrize("stated", [0.02, 0.02 / 1.5], ids=["sigma right", "1.5 times too small"])
def test_six_points_of_a_clear_decay_are_enough_with_known_noise(stated, rng):
    x = np.linspace(0, 100, 6)
    results = [fit_t1(x, np.exp(-x / 25) + rng.normal(0, 0.02, 6), sigma=stated) for _ in range(100)]
    assert sum(result.success for result in results) >= 98


@pytest.mark.parametrize("known", [True, False], ids=["known noise", "unknown noise"])
@pytest.mark.parametrize("draws", DRAWS)
def test_five_lengths_of_five_sequences_are_enough(draws, known, rng):
    x = np.repeat([2.0, 102, 202, 302, 402], 5)

    def simulate():
        y = 0.5 + 0.5 * 0.9985**x + rng.normal(0, 0.002, 25)
        return fit_rb(x, y, sigma=0.002 if known else None).parameters.get("alpha")

    require_honest(simulate, 0.9985, draws)


@pytest.mark.parametrize("known", [True, False], ids=["known noise", "unknown noise"])
@pytest.mark.parametrize("asymptote", [None, 0.5], ids=["free asymptote", "known asymptote"])
@pytest.mark.parametrize("draws", DRAWS)
def test_one_bad_sequence_of_seventy_widens_the_error(draws, asymptote, known, rng):
    x = np.repeat([1.0, 100, 250, 450, 800], 14)

    def simulate():
        y = 0.5 + 0.5 * 0.995**x + rng.normal(0, 0.01, 70)
        y[rng.integers(70)] -= 0.4
        result = fit_rb(x, y, sigma=0.01 if known else None, asymptote=asymptote)
        assert "error widened by" in result.message
        return result.parameters.get("alpha")

    require_honest(simulate, 0.995, draws)


@pytest.mark.parametrize("known", [True, False], ids=["known noise", "unknown noise"])
@each_case(
    "counts",
    [(2, 2, 2, 2), (2,) * 5, (3,) * 5, (1,) * 8, (1,) * 30, (10, 10, 3, 10, 10), (10, 10, 10, 10, 1)],
    ids=lambda counts: f"{len(counts)} lengths of {counts[0]} to {min(counts)}",
)
@pytest.mark.parametrize("draws", [20, pytest.param(100, marks=pytest.mark.release)])
def test_one_bad_sequence_among_few_of_a_length_widens_the_error(counts, draws, known, rng):
    x = np.repeat(np.linspace(1, 400, len(counts)).round(), counts)

    def simulate():
        y = 0.5 + 0.48 * 0.995**x + rng.normal(0, 0.01, x.size)
        y[rng.integers(x.size)] -= rng.uniform(0.2, 0.4)
        return fit_rb(x, y, sigma=0.01 if known else None, asymptote=0.5).parameters.get("alpha")

    accepted, within = shares(simulate, 0.995, draws)
    assert accepted >= 0.85
    assert within > 0.94 - 4 * np.sqrt(0.94 * 0.06 / draws)


@each_case("counts", [(2, 2, 2, 2), (1,) * 8, (3,) * 5])
@pytest.mark.parametrize("draws", [60, pytest.param(1000, marks=pytest.mark.release)])
def test_a_bad_sequence_among_few_without_a_decay_is_no_decay(counts, draws, rng):
    x = np.repeat(np.linspace(1, 400, len(counts)).round(), counts)
    accepted = 0
    for _ in range(draws):
        y = 0.5 + rng.normal(0, 0.01, x.size)
        y[rng.integers(x.size)] -= rng.uniform(0, 0.4)
        accepted += fit_rb(x, y, sigma=0.01, asymptote=0.2).success
    assert accepted <= max(1, 0.006 * draws)


def test_a_bad_sequence_is_named_by_its_length_and_counts_less_the_farther_it_lies(rng):
    x = np.repeat([1.0, 100, 250, 450, 800], 14)
    y = 0.5 + 0.5 * 0.995**x + rng.normal(0, 0.01, 70)
    clean = fit_rb(x, y, sigma=0.01)
    found = []
    for distance in (0.2, 0.4):
        bad = y.copy()
        bad[20] -= distance
        found.append(fit_rb(x, bad, sigma=0.01))
    assert all(result.message.endswith("contradicts the others (100 Cliffords)") for result in found)
    errors = [result.parameters["alpha"].error for result in (clean, *found)]
    assert errors == sorted(errors)


def test_beside_a_bad_sequence_the_others_keep_their_own_noise(rng):
    x = np.repeat([1.0, 100, 250, 450, 800], 6)
    sigma = np.tile([0.002, 0.02, 0.01, 0.005, 0.05, 0.01], 5)
    y = 0.5 + 0.5 * 0.995**x + rng.normal(0, sigma)
    y[10] -= 0.6
    backwards = np.lexsort((-np.arange(30), x))
    found, other = (fit_rb(x[order], y[order], sigma=sigma[order]) for order in (np.arange(30), backwards))
    assert "a sequence that contradicts" in found.message
    for name, estimate in found.parameters.items():
        assert other.parameters[name].value == pytest.approx(estimate.value, rel=1e-6)
        assert other.parameters[name].error == pytest.approx(estimate.error, rel=1e-3)


def test_sequences_with_coherent_errors_are_seldom_called_bad(rng):
    # Their losses have an exponential distribution: e^-7 beyond six times the width, of 200 sequences one in ten traces.
    x = np.repeat(np.unique(np.round(np.geomspace(1, 400, 10))), 20)
    named = 0
    for _ in range(40):
        loss = 0.5 * (1 - 0.998**x) * rng.exponential(size=x.size)
        result = fit_rb(x, 0.5 * (1 - np.minimum(loss, 1)) + rng.normal(0, 0.01, x.size), asymptote=0.0)
        named += "contradicts" in result.message
    assert named <= 12


def test_stated_noise_counts_with_few_degrees_of_freedom_unless_the_scatter_contradicts_it():
    few, many = (np.tile([1.0, -1.0], half) for half in (3, 20))
    assert choose_variance(described(few), sigma_known=True) == (2.25, np.inf)
    assert choose_variance(described(10 * few), sigma_known=True) == (200.0, 3)
    assert choose_variance(described(few), sigma_known=False) == (2.0, 3)
    assert choose_variance(described(many), sigma_known=True).freedom == 37


def test_repeated_points_count_if_they_know_more_than_the_scatter_about_the_fit():
    fit = described(np.tile([1.0, -1.0], 3))
    assert choose_variance(fit, sigma_known=False, repeats=NoiseVariance(0.5, 20)) == (0.5, 20)
    assert choose_variance(fit, sigma_known=True, repeats=NoiseVariance(0.5, 20)) == (1.0, 20)
    assert choose_variance(fit, sigma_known=False, repeats=NoiseVariance(0.5, 2)) == (2.0, 3)


@pytest.mark.parametrize(
    ("fit", "x", "signal"),
    [
        (fit_t1, np.linspace(0, 100, 6), lambda x: np.exp(-x / 25)),
        (fit_ramsey, np.linspace(0, 8, 8), lambda x: np.exp(-x / 6) * np.cos(2 * np.pi * 0.3 * x)),
    ],
    ids=["decay", "fringes"],
)
def test_clear_effects_in_few_points_of_unknown_noise_are_refused_for_that_reason(fit, x, signal, rng):
    results = [fit(x, signal(x) + rng.normal(0, 0.02, x.size)) for _ in range(40)]
    refused = [result.message for result in results if not result.success]
    assert refused
    assert all(f"{x.size} points do not tell" in message for message in refused)
    assert all("state sigma" in message for message in refused)


@each_case(("points", "least"), [(np.linspace(0, 60, 6), 48), (np.geomspace(0.3, 60, 6), 45)])
def test_six_points_of_a_clear_gaussian_echo_are_no_single_point(points, least, rng):
    results = [
        fit_t2_echo(points, np.exp(-((points / 22) ** 2)) + rng.normal(0, 0.01, 6), sigma=0.01)
        for _ in range(50)
    ]
    assert sum(result.success for result in results) >= least


def train_with_both_states(rng, longest, error, start_error, sigma):
    """Return counts, starts and signal of an X90 and an even number of X180, with 0 and 1 pulses from |0>."""
    counts = np.concatenate([[0, 1], np.arange(0, longest + 1, 2.0)])
    start = np.concatenate([[0, 0], np.full(counts.size - 2, np.pi / 2)])
    angle = start + (start > 0) * start_error + counts * (np.pi + error)
    signal = 0.5 - 0.5 * np.cos(angle) * np.exp(-counts / (8 * longest))
    return counts, start, signal + rng.normal(0, sigma, counts.size)


@each_case(("longest", "least"), [(14, 36), (20, 38), (30, 42)])
def test_two_points_that_calibrate_the_contrast_are_no_reason_to_doubt(longest, least, rng):
    pulls = []
    for _ in range(50):
        error, sigma = rng.uniform(-0.05, 0.05), rng.uniform(0.005, 0.02)
        counts, start, y = train_with_both_states(rng, longest, error, rng.normal(0, 0.03), sigma)
        result = fit_pulse_train(counts, y, angle=np.pi, start=start, sigma=sigma)
        if result.success:
            estimate = result.parameters["angle_error"]
            pulls.append(abs(estimate.value - error) / estimate.error)
        else:
            assert "single point" not in result.message
    assert len(pulls) >= least
    assert np.mean(np.array(pulls) < 2) > 0.83
    assert max(pulls) < 5


@pytest.mark.parametrize("fit", [fit_t1, fit_t2_echo, fit_ramsey, fit_rabi])
@pytest.mark.parametrize(
    "stated", [1, 1 / 1.5, None], ids=["sigma right", "1.5 times too small", "unknown noise"]
)
@each_case("points", [8, 12, 31])
@pytest.mark.parametrize("draws", [10, pytest.param(100, marks=pytest.mark.release)])
def test_one_bad_point_in_noise_is_no_effect(fit, points, stated, draws, rng):
    x = np.linspace(0, 10, points)
    accepted = 0
    for _ in range(draws):
        y = rng.normal(0, 1, points)
        y[rng.choice([0, rng.integers(points)])] += rng.choice([-1, 1]) * rng.uniform(8, 60)
        accepted += fit(x, y, sigma=stated).success
    assert accepted <= max(1, 0.02 * draws)


def test_an_error_of_the_pulses_has_its_article(rng):
    x = np.arange(7.0)
    messages = set()
    for _ in range(40):
        y = 0.5 + 0.5 * (-1) ** x * np.sin(0.6 * x) + rng.normal(0, 0.1, 7)
        messages.add(fit_pulse_train(x, y, angle=np.pi, start=np.pi / 2).message)
    assert any("7 points do not tell an error of the pulses from noise" in message for message in messages)
