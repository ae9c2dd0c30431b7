"""Readout resonator with the qubit in 0 and in 1: best frequency, and dispersive shift."""

import numpy as np
import pytest

from qdash_analysis import fit_readout_frequency

NAMES = ["readout_frequency", "dispersive_shift", "linewidth", "contrast"]


def notch(x, frequency, width):
    return 1 / (1 + 2j * (x - frequency) / width)


def sweep(rng, *, shift=(0.5, 1.2), excited_0=(0.0, 0.1), excited_1=(0.6, 1.0)):
    """Return a sweep with random cable, asymmetry, window and noise; shift in linewidths; `excited`: fraction
    of 1 in each preparation.
    """
    frequency, width = rng.uniform(4, 8), np.exp(rng.uniform(np.log(3e-4), np.log(4e-3)))
    moved = width * rng.uniform(*shift) * rng.choice([-1, 1])
    points, span = int(rng.integers(41, 121)), (width + abs(moved)) * rng.uniform(3, 8)
    x = frequency + moved / 2 + span * (np.linspace(-0.5, 0.5, points) + rng.uniform(-0.15, 0.15))
    line = np.exp(1j * (rng.uniform(0, 6) - 2 * np.pi * x * rng.uniform(0, 80))) * rng.uniform(0.1, 10)
    line = line * (1 + rng.normal(0, 0.02) * (x - x[0]) / span)
    d = rng.uniform(0.4, 0.95) * np.exp(1j * rng.normal(0, 0.25))
    shares = rng.uniform(*excited_0), rng.uniform(*excited_1)
    pure = [notch(x, frequency, width), notch(x, frequency + moved, width)]
    iq = [line * (1 - d * ((1 - share) * pure[0] + share * pure[1])) for share in shares]
    truth = {
        "readout_frequency": frequency + moved / 2,
        "dispersive_shift": 1e3 * moved,
        "linewidth": 1e3 * width,
        "contrast": shares[1] - shares[0],
    }
    return x, iq, abs(line[0]), truth


def noise(rng, sigma, size):
    return sigma * (rng.normal(size=size) + 1j * rng.normal(size=size))


def measured(rng, *, noise_to_line=(1 / 400, 1 / 80), **kind):
    x, iq, size, truth = sweep(rng, **kind)
    sigmas = [size * rng.uniform(*noise_to_line)] * 2
    return x, [trace + noise(rng, s, x.size) for trace, s in zip(iq, sigmas, strict=True)], sigmas, truth


@pytest.mark.parametrize(
    "known", [pytest.param(True, marks=pytest.mark.release), False], ids=["known noise", "unknown noise"]
)
def test_mixed_states_behind_any_cable_give_honest_estimates(assert_honest, known):
    def simulate(rng):
        x, iq, sigmas, truth = measured(rng)
        options = dict(zip(("sigma0", "sigma1"), sigmas, strict=True)) if known else {}
        return fit_readout_frequency(x, *iq, **options), truth

    assert_honest(simulate, NAMES[:3])


def test_a_poor_preparation_moves_neither_the_best_frequency_nor_the_shift(assert_honest):
    def simulate(rng):
        x, iq, sigmas, truth = measured(
            rng, shift=(0.5, 1.0), excited_0=(0.1, 0.3), excited_1=(0.5, 0.7), noise_to_line=(1e-3, 3e-3)
        )
        return fit_readout_frequency(x, *iq, sigma0=sigmas[0], sigma1=sigmas[1]), truth

    assert_honest(simulate, NAMES)


def test_pure_states_give_honest_estimates(assert_honest):
    def simulate(rng):
        x, iq, sigmas, truth = measured(rng, excited_0=(0, 0), excited_1=(1, 1))
        return fit_readout_frequency(x, *iq, sigma0=sigmas[0], sigma1=sigmas[1]), truth

    assert_honest(simulate, NAMES[:3])


def test_a_shift_much_below_the_linewidth_is_left_open_and_the_best_frequency_is_not(rng):
    # Where 2 chi << kappa the difference of the traces is (p1 - p0) times 2 chi times one fixed shape: the product is
    # all that the data hold.
    pulls, open_ = [], 0
    for _ in range(12):
        x, iq, sigmas, truth = measured(rng, shift=(0.05, 0.06), noise_to_line=(0.004, 0.008))
        result = fit_readout_frequency(x, *iq, sigma0=sigmas[0], sigma1=sigmas[1])
        open_ += "dispersive_shift" not in result.parameters
        found = result.parameters["readout_frequency"]
        pulls.append((found.value - truth["readout_frequency"]) / found.error)
    assert open_ == 12
    assert np.mean(np.abs(pulls) < 2) > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 12)


@pytest.mark.parametrize("sign", [-1, 1])
def test_far_beyond_a_linewidth_the_maximum_on_the_side_of_zero_is_given(rng, sign):
    x = 6 + np.linspace(-0.008, 0.008, 161)
    width, moved = 0.001, sign * 0.003
    pure = [1 - 0.8 * notch(x, 6 + offset, width) for offset in (-moved / 2, moved / 2)]
    iq = [trace + noise(rng, 0.003, x.size) for trace in pure]
    result = fit_readout_frequency(x, *iq, sigma0=0.003, sigma1=0.003)
    best = result.parameters["readout_frequency"]
    distance = np.abs(pure[1] - pure[0])
    side = np.sign(6 - x) == np.sign(moved)
    assert abs(best.value - x[side][distance[side].argmax()]) < np.diff(x)[0] + 3 * best.error
    assert result.parameters["dispersive_shift"].value == pytest.approx(1e3 * moved, rel=0.02)


def resting_in_2(rng, share, *, same=False):
    """Return a measurement with this share in |2> after both preparations, whose resonance lies 1.5 to 2 times as far away as that of 1."""
    width, place = 1e-3 * rng.uniform(0.5, 2.5), rng.uniform(-1e-3, 1e-3)
    moved, ratio = width * rng.uniform(0.4, 1.3) * rng.choice([-1, 1]), rng.uniform(1.5, 2.0)
    x = 7 + np.linspace(-0.008, 0.008, 81)
    frequency = 7 + place
    d = rng.uniform(0.5, 0.95) * np.exp(1j * rng.uniform(-0.5, 0.5))
    line = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * 40 * (x - 7)))
    lines = [notch(x, frequency + (level - 0.5) * moved, width) for level in (0, 1, ratio)]
    ones = (
        np.full(2, rng.uniform(0, 0.03))
        if same
        else np.array([rng.uniform(0, 0.03), rng.uniform(0.88, 0.99)])
    )
    sigma = rng.uniform(0.002, 0.008)
    iq = [
        line * (1 - d * ((1 - one - share) * lines[0] + one * lines[1] + share * lines[2]))
        + noise(rng, sigma, x.size)
        for one in ones
    ]
    truth = {
        "readout_frequency": frequency,
        "dispersive_shift": 1e3 * moved,
        "linewidth": 1e3 * width,
        "contrast": ones[1] - ones[0],
    }
    return x, iq, sigma, truth


@pytest.mark.parametrize(
    ("share", "draws"),
    [(0.02, 40), *(pytest.param(share, 200, marks=pytest.mark.release) for share in (0.0, 0.01, 0.02, 0.05))],
)
def test_a_share_that_rests_in_2_moves_no_estimate_beyond_its_error(rng, share, draws):
    pulls = []
    for _ in range(draws):
        x, iq, sigma, truth = resting_in_2(rng, share)
        result = fit_readout_frequency(x, *iq, sigma0=sigma, sigma1=sigma)
        found = [result.parameters[name] for name in NAMES]
        pulls.append([(f.value - truth[name]) / f.error for f, name in zip(found, NAMES, strict=True)])
    within = {errors: np.mean(np.abs(pulls) < errors, axis=0) for errors in (1, 2, 5)}
    assert np.all(within[1] > 0.683 - 3.5 * np.sqrt(0.683 * 0.317 / draws))
    assert np.all(within[2] > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / draws))
    assert np.all(within[5] == 1)


@pytest.mark.parametrize("draws", [20, pytest.param(200, marks=pytest.mark.release)])
def test_a_clear_share_that_rests_in_2_is_named_and_noise_is_not(rng, draws):
    named, false = [], 0
    for _ in range(draws):
        x, iq, sigma, _ = resting_in_2(rng, 0.05)
        result = fit_readout_frequency(x, *iq, sigma0=sigma, sigma1=sigma)
        if "third_share" in result.parameters:
            found = result.parameters["third_share"]
            named.append((found.value - 0.05) / found.error)
            assert "% of the shots in |2> after both preparations" in result.message
        x, iq, sigma, _ = resting_in_2(rng, 0.0)
        result = fit_readout_frequency(x, *iq, sigma0=sigma, sigma1=sigma)
        false += "third_share" in result.parameters
        assert ("|2>" in result.message) == ("third_share" in result.parameters)
    assert len(named) > 0.7 * draws
    assert np.mean(np.abs(named) < 2) > 0.9
    assert false <= 0.01 * draws


@pytest.mark.parametrize(("pairs", "most"), [(10, 0), pytest.param(200, 4, marks=pytest.mark.release)])
def test_two_traces_of_one_state_with_a_share_in_2_are_refused(rng, pairs, most):
    accepted = 0
    for _ in range(pairs):
        x, iq, sigma, _ = resting_in_2(rng, 0.03, same=True)
        accepted += fit_readout_frequency(x, *iq, sigma0=sigma, sigma1=sigma).success
    assert accepted <= most


def test_a_prediction_holds_both_traces(rng):
    x, iq, sigmas, _ = measured(rng)
    predicted = fit_readout_frequency(x, *iq, sigma0=sigmas[0], sigma1=sigmas[1]).predict(x)
    assert predicted.shape == (2, x.size)
    assert np.abs(predicted - np.array(iq)).std() < 1.5 * sigmas[0]


@pytest.mark.parametrize(
    ("known", "pairs", "most"),
    [
        pytest.param(False, 10, 0, id="unknown noise-10"),
        pytest.param(True, 150, 4, id="known noise-150", marks=pytest.mark.release),
        pytest.param(False, 150, 4, id="unknown noise-150", marks=pytest.mark.release),
    ],
)
def test_two_traces_of_one_state_are_refused(rng, known, pairs, most):
    accepted = 0
    for _ in range(pairs):
        x, iq, size, _ = sweep(rng)
        sigma = size * rng.uniform(0.003, 0.03)
        same = [iq[0] + noise(rng, sigma, x.size) for _ in range(2)]
        options = {"sigma0": sigma, "sigma1": sigma} if known else {}
        accepted += fit_readout_frequency(x, *same, **options).success
    # The guarantee is 0.5 %: more than four of 150 have a probability of 1e-3, one of ten of 5e-2.
    assert accepted <= most


@pytest.mark.parametrize(("pairs", "most"), [(10, 0), pytest.param(100, 3, marks=pytest.mark.release)])
def test_noise_without_a_resonator_is_refused(rng, pairs, most):
    x = np.linspace(6, 6.01, 81)
    traces = ((1 + noise(rng, 0.02, (2, 81))) for _ in range(pairs))
    assert sum(fit_readout_frequency(x, *both).success for both in traces) <= most


def test_a_resonator_at_the_edge_of_the_window_is_refused(rng):
    x = np.linspace(6, 6.005, 81)
    pure = [1 - 0.8 * notch(x, 6.0052 + offset, 0.001) for offset in (0, -0.0006)]
    result = fit_readout_frequency(x, *(trace + noise(rng, 0.003, x.size) for trace in pure))
    assert not result.success


def test_one_sigma_alone_is_an_error():
    with pytest.raises(ValueError, match="both be given"):
        fit_readout_frequency(np.linspace(6, 6.01, 41), np.ones(41), np.ones(41), sigma0=0.1)


def test_a_line_between_the_points_has_the_step_in_its_error_and_no_shift(rng):
    step = 1e-4
    x = 6 + step * np.arange(-30, 31)
    for _ in range(16):
        place, width = 6 + step * rng.uniform(-3, 3), 0.3 * step
        pure = [1 - 0.9 * notch(x, place + offset, width) for offset in (width / 3, -width / 3)]
        result = fit_readout_frequency(x, *(trace + noise(rng, 0.004, x.size) for trace in pure))
        if result.success:
            found = result.parameters["readout_frequency"]
            assert set(result.parameters) == {"readout_frequency", "linewidth"}
            assert found.value == pytest.approx(place, abs=3 * found.error)


def turning_offset(rng, size, points, *, cycles=(0.5, 4), share=0.05):
    turns = rng.uniform() + rng.uniform(*cycles) * np.linspace(0, 1, points)
    return share * size * np.exp(2j * np.pi * turns)


@pytest.mark.parametrize("shift", [(0.2, 0.5), (0.5, 1.2), (1.5, 3)])
@pytest.mark.parametrize("sweeps", [15, pytest.param(200, marks=pytest.mark.release)])
def test_an_offset_that_cycles_in_both_traces_cancels_in_their_difference(rng, sweeps, shift):
    """Beyond 4/3 widths the maximum is on the side of 0, which the difference alone does not tell."""
    pulls = []
    for _ in range(sweeps):
        x, iq, size, truth = sweep(rng, shift=shift)
        sigma, offset = size * rng.uniform(1 / 400, 1 / 80), turning_offset(rng, size, x.size)
        measured_iq = [trace + offset + noise(rng, sigma, x.size) for trace in iq]
        result = fit_readout_frequency(x, *measured_iq, sigma0=sigma, sigma1=sigma)
        if result.success:
            width, moved = truth["linewidth"], truth["dispersive_shift"]
            aside = np.sqrt(moved**2 - width**2) / 2 if abs(moved) > 4 / 3 * width else 0.0
            found = result.parameters["readout_frequency"]
            place = truth["readout_frequency"] - 1e-3 * np.copysign(aside, moved)
            pulls.append(abs(found.value - place) / found.error)
    assert len(pulls) > 0.9 * sweeps
    assert np.mean(np.array(pulls) < 2) > 0.8
    assert np.mean(np.array(pulls) > 5) <= 0.05


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("pairs", "most"), [(15, 0), pytest.param(300, 1, marks=pytest.mark.release)])
def test_beside_an_offset_two_traces_of_one_state_do_not_differ(rng, known, pairs, most):
    accepted = 0
    for _ in range(pairs):
        x, iq, size, _ = sweep(rng)
        sigma, offset = size * rng.uniform(1 / 400, 1 / 80), turning_offset(rng, size, x.size)
        same = [iq[0] + offset + noise(rng, sigma, x.size) for _ in range(2)]
        options = {"sigma0": sigma, "sigma1": sigma} if known else {}
        accepted += fit_readout_frequency(x, *same, **options).success
    assert accepted <= most


def test_traces_that_differ_by_an_offset_are_not_said_to_be_alike(rng):
    for _ in range(10):
        x, iq, size, _ = sweep(rng)
        apart = [
            trace + turning_offset(rng, size, x.size, cycles=(2, 4)) + noise(rng, size / 300, x.size)
            for trace in iq
        ]
        assert "no difference" not in fit_readout_frequency(x, *apart).message


def test_a_prediction_of_a_difference_adds_it_to_the_mean_of_the_points(rng):
    x, iq, size, _ = sweep(rng, shift=(0.8, 1.0))
    offset, sigma = turning_offset(rng, size, x.size, cycles=(2, 3), share=0.1), size / 300
    measured_iq = [trace + offset + noise(rng, sigma, x.size) for trace in iq]
    result = fit_readout_frequency(x, *measured_iq, sigma0=sigma, sigma1=sigma)
    assert "from the difference of the traces" in result.message
    assert "dispersive_shift" not in result.parameters
    for predicted, trace in zip(result.predict(x), measured_iq, strict=True):
        assert np.std(predicted - trace) < 2 * sigma
