"""Traces of known truth for the fits of the readout; see `populations`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erf, ndtr

from qdash_analysis import (
    fit_coupling_rates,
    fit_electrical_delay,
    fit_readout,
    fit_readout_amplitude,
    fit_readout_frequency,
    fit_readout_snr,
    fit_ring_up,
)

from .coverage import Population

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]


def readout(rng: np.random.Generator) -> Drawn:
    """Draw two clouds at a random angle; a fraction of 1 decays during readout, a fraction of 0 is 1
    initially.
    """
    distance, noise1 = rng.uniform(2, 6), rng.uniform(1, 1.5)
    decayed, thermal, shots = rng.uniform(0.01, 0.1), rng.uniform(0.003, 0.03), int(rng.integers(300, 1500))
    excited = rng.random(shots) < thermal
    late = np.where(rng.random(shots) < decayed, rng.random(shots), 1.0)

    def points(places: Any, noise: Any) -> Any:
        return places + noise * (rng.normal(size=shots) + 1j * rng.normal(size=shots))

    turn = np.exp(1j * rng.uniform(-np.pi, np.pi))
    clouds = (
        points(np.where(excited, distance, 0.0), np.where(excited, noise1, 1.0)) * turn,
        points(late * distance, noise1) * turn,
    )
    return clouds, {}, _best(distance, noise1, decayed, thermal)


def _best(distance: float, noise1: float, decayed: float, thermal: float) -> dict[str, float]:
    """Return p(1|0), p(0|1) and the fidelity at the best threshold."""
    threshold = np.linspace(-2, distance + 2, 2001)
    below0, below1 = ndtr(threshold), ndtr((threshold - distance) / noise1)
    late = np.linspace(0.0125, 0.9875, 40)[:, None]
    below_late = ndtr((threshold - distance * late) / noise1).mean(axis=0)
    p10 = 1 - (1 - thermal) * below0 - thermal * below1
    p01 = (1 - decayed) * below1 + decayed * below_late
    best = int((p10 + p01).argmin())
    return {
        "average_readout_fidelity": float(1 - (p10[best] + p01[best]) / 2),
        "p_meas1_prep0": float(p10[best]),
        "p_meas0_prep1": float(p01[best]),
    }


def readout_frequency(rng: np.random.Generator) -> Drawn:
    """Draw the resonances of |0> and |1> behind a random cable, both preparations impure."""
    frequency, width = rng.uniform(4, 8), np.exp(rng.uniform(np.log(3e-4), np.log(4e-3)))
    moved = width * rng.uniform(0.5, 1.2) * rng.choice([-1, 1])
    points, span = int(rng.integers(41, 121)), (width + abs(moved)) * rng.uniform(3, 8)
    x = frequency + moved / 2 + span * (np.linspace(-0.5, 0.5, points) + rng.uniform(-0.15, 0.15))
    cable = np.exp(1j * (rng.uniform(0, 6) - 2 * np.pi * x * rng.uniform(0, 80)))
    cable = cable * (1 + rng.normal(0, 0.02) * (x - x[0]) / span)
    d = rng.uniform(0.4, 0.95) * np.exp(1j * rng.normal(0, 0.25))
    lines = [d / (1 + 2j * (x - place) / width) for place in (frequency, frequency + moved)]
    shares, sigma = (rng.uniform(0, 0.1), rng.uniform(0.6, 1.0)), rng.uniform(1 / 400, 1 / 80)
    traces = [
        cable * (1 - (1 - share) * lines[0] - share * lines[1])
        + sigma * (rng.normal(size=points) + 1j * rng.normal(size=points))
        for share in shares
    ]
    truth = {
        "readout_frequency": frequency + moved / 2,
        "dispersive_shift": 1e3 * moved,
        "linewidth": 1e3 * width,
    }
    known = {"sigma0": sigma, "sigma1": sigma} if rng.random() < 0.5 else {}
    return (x, *traces), known, truth


def readout_amplitude(rng: np.random.Generator) -> Drawn:
    """Draw fractions of correct answers around the best amplitude of a random readout chain."""
    visibility, induced, k = rng.uniform(0.8, 0.99), 10 ** rng.uniform(-1.7, -1), rng.uniform(1.2, 2.5)

    def fidelity(amplitude: Any) -> Any:
        return 0.5 + (visibility - induced * amplitude**2) * erf(k * amplitude) / 2

    fine = np.linspace(0.1, 5, 20_001)
    best = float(fine[fidelity(fine).argmax()])
    x = best * np.geomspace(rng.uniform(0.3, 0.5), rng.uniform(1.6, 2.2), int(rng.integers(7, 16)))
    scale, shots = 10 ** rng.uniform(-2, -0.5), int(10 ** rng.uniform(3.6, 4.6))
    share = rng.binomial(shots, fidelity(x)) / shots
    return (scale * x, share), {"shots": shots}, {"readout_amplitude": scale * best}


def electrical_delay(rng: np.random.Generator) -> Drawn:
    """Draw the transmission of a cable, in every second trace with a resonance in the window."""
    points, span, delay = int(rng.integers(41, 162)), rng.uniform(0.01, 0.06), rng.uniform(-50, 400)
    x = rng.uniform(4, 10) + span * np.linspace(-0.5, 0.5, points)
    place = (x - x.mean()) / span
    s21 = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * delay * x)) * (1 + rng.normal(0, 0.05) * place)
    if rng.random() < 0.5:
        d = rng.uniform(0.4, 0.95) * np.exp(1j * rng.normal(0, 0.2))
        s21 = s21 * (1 - d / (1 + 2j * (place - rng.uniform(-0.3, 0.3)) / rng.uniform(0.03, 0.15)))
    sigma = 10 ** rng.uniform(-2.5, -1.2)
    noise = sigma * (rng.normal(size=points) + 1j * rng.normal(size=points))
    near = delay + rng.uniform(-0.2, 0.2) * points / span
    known = {"sigma": sigma} if rng.random() < 0.5 else {}
    return (x, s21 + noise), {**known, "near_ns": near}, {"electrical_delay": delay}


def coupling_rates(rng: np.random.Generator) -> Drawn:
    """Draw a resonator beside or at the end of its line, whose geometry is known."""
    external, internal = 10 ** rng.uniform(-0.5, 0.6), 10 ** rng.uniform(-2, 0)
    width, frequency = external + internal, rng.uniform(4, 10)
    points = int(rng.integers(61, 162))
    x = frequency + 1e-3 * width * rng.uniform(3, 8) * (
        np.linspace(-0.5, 0.5, points) + rng.uniform(-0.1, 0.1)
    )
    reflected = rng.random() < 0.5
    d = (2 if reflected else 1) * external / width * (1 + 1j * np.tan(rng.normal(0, 0.15)))
    cable = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * x * rng.uniform(0, 80)))
    sigma = 10 ** rng.uniform(-2.5, -1.5)
    noise = sigma * (rng.normal(size=points) + 1j * rng.normal(size=points))
    s21 = cable * (1 - d / (1 + 2j * (x - frequency) * 1e3 / width)) + noise
    known = {"sigma": sigma} if rng.random() < 0.5 else {}
    geometry = "reflection" if reflected else "transmission"
    truth = {
        "frequency": frequency,
        "linewidth": width,
        "kappa_external": external,
        "kappa_internal": internal,
    }
    return (x, s21), {**known, "geometry": geometry}, truth


def readout_snr(rng: np.random.Generator) -> Drawn:
    """Draw means of shots around the amplitude of a given ratio, their noise exact or from 16 blocks."""
    best, points, shots = (
        10 ** rng.uniform(-2.5, -0.5),
        int(rng.integers(10, 25)),
        int(rng.integers(200, 4000)),
    )
    x = best * np.linspace(rng.uniform(0.2, 0.4), rng.uniform(1.5, 2.0), points)
    ratio, slope = rng.uniform(0.5, 4), np.exp(1j * rng.uniform(0, 6.3))
    bent = -0.1 * rng.uniform(0, 1) * np.exp(1j * rng.uniform(-1, 1)) * slope / best**2
    share = rng.uniform(0, 0.3)
    variance = (abs(slope * best + bent * best**3) / ratio) ** 2 * (1 - share + share * (x / best) ** 2)
    sigma = np.sqrt(variance / 2 / shots)
    iq = slope * x + bent * x**3 + rng.normal(0, 0.1, 2) @ [1, 1j] * best
    iq = iq + sigma * (rng.normal(size=points) + 1j * rng.normal(size=points))
    told = sigma * (1 + 1j)
    if rng.random() < 0.5:
        told = sigma * (np.sqrt(rng.chisquare(15, (points, 2)) / 15) @ [1, 1j])
    return (x, iq), {"sigma": told, "shots": shots, "ratio": ratio}, {"amplitude": best}


def ring_up(rng: np.random.Generator) -> Drawn:
    """Draw the start of a readout behind a notch resonator, averaged over windows."""
    count, length = int(rng.integers(40, 81)), rng.uniform(800, 4000)
    window = length / count
    start = np.arange(count) * window
    kappa = np.pi * 1e-3 * np.exp(rng.uniform(np.log(0.5), np.log(3)))
    rate = kappa * (1 + 2j * rng.uniform(-1, 1))
    arrival = rng.uniform(30, 60 + 2 * window)
    missing = rng.uniform(0.4, 0.9) * np.exp(1j * rng.normal(0, 0.15)) * kappa / rate
    begin, end = (np.maximum(start + shift - arrival, 0.0) for shift in (0, window))
    rise = (np.exp(-rate * begin) - np.exp(-rate * end)) / rate
    mean = ((1 - missing) * (end - begin) + missing * rise) / window * np.exp(1j * rng.uniform(-3, 3))
    sigma = np.exp(rng.uniform(np.log(0.003), np.log(0.02)))
    noise = sigma * (rng.normal(size=count) + 1j * rng.normal(size=count))
    truth = {"arrival": arrival, "ring_up_time": float(1 / kappa), "level": float(abs(1 - missing))}
    return (start, mean + noise), {"window": window, "sigma": sigma}, truth


POPULATIONS: dict[str, Population] = {
    "fit_electrical_delay": Population(
        fit_electrical_delay,
        electrical_delay,
        "delay of -50 to 400 ns known to a fifth of 1 / step, window 10 to 60 MHz with or without a resonance, 41 to 161 points, carrier 16 to 300 times the noise",
    ),
    "fit_coupling_rates": Population(
        fit_coupling_rates,
        coupling_rates,
        "external rate 0.3 to 4 MHz, internal 0.01 to 1 MHz, transmission or reflection, window 3 to 8 linewidths, any cable, 61 to 161 points, carrier 30 to 300 times the noise",
    ),
    "fit_readout_snr": Population(
        fit_readout_snr,
        readout_snr,
        "ratio 0.5 to 4 at 0.2-0.4 to 1.5-2 times its amplitude, signal bent by up to 10 %, up to 30 % of the noise from the qubit, 200 to 4,000 shots, noise exact or from blocks",
    ),
    "fit_readout": Population(
        fit_readout,
        readout,
        "distance 2 to 6 widths, noise of |1> up to 1.5 times that of |0>, decay 1 to 10 %, thermal 0.3 to 3 %, 300 to 1,500 shots per state",
    ),
    "fit_readout_frequency": Population(
        fit_readout_frequency,
        readout_frequency,
        "shift 0.5 to 1.2 linewidths of either sign, window 3 to 8 times their sum, excited share of 0 to 10 % and of 60 to 100 %, any cable, 41 to 120 points, carrier 80 to 400 times the noise",
    ),
    "fit_readout_amplitude": Population(
        fit_readout_amplitude,
        readout_amplitude,
        "visibility 0.8 to 0.99, 2 to 10 % induced transitions, 7 to 15 amplitudes from 0.3-0.5 to 1.6-2.2 times the optimum, 4,000 to 40,000 shots",
    ),
    "fit_ring_up": Population(
        fit_ring_up,
        ring_up,
        "windows of 1/40 to 1/80 of 0.8 to 4 µs, arrival within the first 0.2 µs, linewidth 0.5 to 3 MHz, detuning up to one linewidth, depth 0.4 to 0.9, 50 to 330 times the noise",
    ),
}
"""Populations by their names in the table of coverage."""
