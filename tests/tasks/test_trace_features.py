"""Features of traces of one qubit: known signals give their properties back."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_core.models.raw_data import RawData
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.features.oscillations import FRINGES, RABI, describe_fringes, describe_rabi
from qdash_tasks.programs.features.traces import SIGNAL, describe_scatter, describe_signal
from qdash_tasks.programs.passive_reset import choose_t1_fit

NOISE, AXIS, GROUND = 0.02, np.exp(0.7j), 1.5 + 0.5j
"""Standard error of a quadrature; direction from |0> to |1> and place of |0> in the IQ plane."""


def make_trace(
    name: str, x_name: str, x: np.ndarray, excited: np.ndarray, *, seed: int = 1
) -> dict[str, tuple]:
    """Return the arrays of a trace with a population of |1>."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(scale=NOISE, size=x.size) + 1j * rng.normal(scale=NOISE, size=x.size)
    return {
        f"{name}_{x_name}": (x, ""),
        f"{name}_iq": (GROUND + AXIS * excited + noise, ""),
        f"{name}_sigma": (np.full(x.size, NOISE * (1 + 1j)), ""),
        f"{name}_covariance": (np.zeros(x.size), ""),
    }


def make_fringes(frequencies_mhz: tuple[float, ...], *, artificial_mhz: float = 1.0) -> RawData:
    """Return a pair of Ramsey traces of a qubit with these detunings, each for an equal share of the shots."""
    x = np.linspace(0.0, 10.0, 81)
    arrays: dict[str, tuple] = {}
    for seed, (name, sign) in enumerate((("plus", 1), ("minus", -1))):
        waves = [np.cos(2 * np.pi * (one + sign * artificial_mhz) * x) for one in frequencies_mhz]
        arrays |= make_trace(name, "delay", x, 0.5 + 0.5 * np.mean(waves, axis=0) * np.exp(-x / 8), seed=seed)
    return RawData(arrays, {"artificial_plus_mhz": artificial_mhz, "artificial_minus_mhz": -artificial_mhz})


def test_a_qubit_that_does_not_respond_leaves_a_level_without_signal() -> None:
    x = np.linspace(0.0, 1.0, 51)
    found = describe_signal(RawData(make_trace("rabi", "duration", x, np.zeros(51))), "rabi")

    # The range of 51 normal points is about 4 standard deviations; the level is |1.5 + 0.5i| / 0.02 = 79.
    assert found["snr"] < 6
    assert found["level_snr"] == pytest.approx(79, abs=1)
    assert found["outliers"] == 0
    assert found.keys() <= SIGNAL.keys()


def test_lost_points_are_outliers() -> None:
    x = np.linspace(0.0, 1.0, 51)
    arrays = make_trace("rabi", "duration", x, 0.5 - 0.5 * np.cos(6 * x))
    arrays["rabi_iq"][0][[7, 20, 33]] = 0.0

    assert describe_signal(RawData(arrays), "rabi")["outliers"] == 3


def test_residuals_show_their_trend_step_wave_and_outliers() -> None:
    noise = np.random.default_rng(3).normal(size=120)
    place = np.arange(120)
    white = describe_scatter(noise)

    assert white["residual_rms"] == pytest.approx(1.0, abs=0.2)
    assert white["residual_outliers"] == 0
    assert describe_scatter(noise + 0.05 * place)["residual_trend"] > 3 + white["residual_trend"]
    assert describe_scatter(noise + 3.0 * (place > 70))["residual_step"] > 3 + white["residual_step"]
    assert describe_scatter(noise + 2 * np.cos(place))["residual_wave"] > 3 * white["residual_wave"]
    assert describe_scatter(np.where(place == 50, 20.0, noise))["residual_outliers"] == 1


@pytest.mark.parametrize("detuning_mhz", [0.3, -0.45])
def test_fringes_give_the_signed_detuning(detuning_mhz: float) -> None:
    found = describe_fringes(make_fringes((detuning_mhz,)))

    assert found["detuning_mhz"] == pytest.approx(detuning_mhz, abs=0.005)
    assert found["second_peak"] < 0.15
    assert found["chirp_sigma"] < 5
    assert found.keys() <= FRINGES.keys()


def test_fringes_of_two_frequencies_have_a_second_peak() -> None:
    found = describe_fringes(make_fringes((-0.3, 0.3)))

    assert found["second_peak"] > 0.3
    assert found["split_khz"] == pytest.approx(600, abs=60)


def test_an_oscillation_at_half_the_amplitude_shows_a_detuned_drive() -> None:
    x = np.linspace(0.0, 400.0, 51)

    def oscillate(name: str, rabi_mhz: float, detuning_mhz: float) -> dict[str, tuple]:
        rate = np.hypot(rabi_mhz, detuning_mhz)
        excited = (rabi_mhz / rate) ** 2 * np.sin(np.pi * rate * 1e-3 * x) ** 2
        return make_trace(name, "duration", x, excited)

    def describe(detuning_mhz: float) -> dict[str, float]:
        arrays = {**oscillate("rabi", 12.5, detuning_mhz), **oscillate("half", 6.25, detuning_mhz)}
        return describe_rabi(RawData(arrays, {"found": True, "expected_mhz": 12.5}))

    resonant, detuned = describe(0.0), describe(6.0)
    assert resonant["half_ratio"] == pytest.approx(1.0, abs=0.01)
    assert detuned["half_ratio"] == pytest.approx(2 * np.hypot(6.25, 6) / np.hypot(12.5, 6), abs=0.01)
    assert detuned["expected_ratio"] == pytest.approx(np.hypot(12.5, 6) / 12.5, abs=0.01)
    assert detuned.keys() <= RABI.keys()


def test_a_decay_of_two_times_is_told_from_one_that_rises_first() -> None:
    x = np.linspace(0.0, 100.0, 51)

    def describe(y: np.ndarray) -> tuple[float, float]:
        raw = RawData(make_trace("fine", "delay", x, y), {"reset": "active"})
        found = describe_decay(raw, choose_t1_fit(raw))
        return found["two_times"], found["rising_start"]

    assert describe((np.exp(-x / 3) + np.exp(-x / 30)) / 2) == (1.0, 0.0)
    assert describe(np.exp(-x / 20) * (1 - np.exp(-x / 4))) == (0.0, 1.0)
    assert describe(np.exp(-x / 20)) == (0.0, 0.0)


def test_a_decay_shows_its_window_in_decay_times() -> None:
    x = np.linspace(0.0, 300.0, 51)
    raw = RawData(make_trace("fine", "delay", x, np.exp(-x / 60)), {"reset": "active"})
    found = describe_decay(raw, choose_t1_fit(raw))

    assert found["decay_us"] == pytest.approx(60, rel=0.1)
    assert found["window_decays"] == pytest.approx(5, rel=0.1)
    assert found.keys() <= DECAY.keys()
