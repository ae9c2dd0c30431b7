"""Traces of known truth for the fits of chevrons and of the two-photon line."""

from __future__ import annotations

from typing import Any

import numpy as np

from qdash_analysis import fit_anharmonicity, fit_chevron

from .coverage import Population

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def generalised_rabi(
    times: Floats, frequencies: Floats, *, resonance: float, rabi: float, decay: float
) -> Floats:
    """Return the excited population of a driven two-level system; ns, GHz, GHz, MHz, ns."""
    detuning = (frequencies - resonance) * 1e3
    effective = np.hypot(rabi, detuning)[:, None]
    wave = np.cos(2e-3 * np.pi * effective * times) * np.exp(-times / decay)
    return np.asarray((rabi / effective) ** 2 * (1 - wave) / 2)


def chevron(rng: np.random.Generator) -> Drawn:
    """Draw a chevron with its resonance in the inner 70 % of the window."""
    rows, columns = int(rng.integers(11, 52)), int(rng.integers(15, 52))
    longest = _log_uniform(rng, 100, 2000)
    rabi = rng.uniform(1.0, min(6.0, columns / 4)) / longest * 1e3
    span = rabi * rng.uniform(2, 8) * 1e-3
    times = np.linspace(rng.choice([0.0, longest / columns]), longest, columns)
    frequencies = 5 + span * np.linspace(-0.5, 0.5, rows)
    resonance, noise = 5 + span * rng.uniform(-0.35, 0.35), _log_uniform(rng, 0.01, 0.3)
    decay = longest * _log_uniform(rng, 0.5, 50)
    amplitude = _log_uniform(rng, 1e-3, 1e3) * rng.choice([-1, 1])
    shape = generalised_rabi(times, frequencies, resonance=resonance, rabi=rabi, decay=decay)
    y = amplitude * (shape + rng.normal(0, noise, shape.shape) + rng.uniform(-2, 2))
    known = {"sigma": abs(amplitude) * noise} if rng.random() < 0.5 else {}
    return ((times, frequencies), y), known, {"frequency": resonance, "rabi_frequency": rabi}


def two_photon_line(rng: np.random.Generator) -> Drawn:
    """Draw a line half an anharmonicity below f01, which itself is known within an error."""
    f01, error = rng.uniform(4, 6), _log_uniform(rng, 1e-6, 1e-4)
    anharmonicity, half = rng.uniform(-0.36, -0.18), _log_uniform(rng, 0.001, 0.03)
    points, width = int(rng.integers(41, 127)), half * rng.uniform(0.1, 0.5)
    frequency = f01 + anharmonicity / 2
    x = frequency + half * (rng.uniform(-0.4, 0.4) + np.linspace(-1, 1, points))
    y = (
        rng.choice([-1, 1]) / (1 + (2 * (x - frequency) / width) ** 2)
        + rng.normal(0, 0.3) * (x - x[0]) / half
    )
    sigma = 1 / _log_uniform(rng, 12, 100)
    options = {"frequency": f01 + rng.normal(0, error), "frequency_error": error}
    known = {"sigma": sigma} if rng.random() < 0.5 else {}
    truth = {"anharmonicity": anharmonicity, "frequency": frequency, "linewidth": 1e3 * width}
    return (x, y + rng.normal(0, sigma, points)), {**options, **known}, truth


POPULATIONS = {
    "fit_chevron": Population(
        fit_chevron,
        chevron,
        "1 to 6 periods of 0.1 to 2 µs, decay 0.5 to 50 times as long, 15 to 51 durations by 11 to 51 frequencies over "
        "2 to 8 Rabi frequencies, contrast over noise 3 to 100",
    ),
    "fit_anharmonicity": Population(
        fit_anharmonicity,
        two_photon_line,
        "anharmonicity −0.18 to −0.36 GHz, f01 known to 1 to 100 kHz, line 0.1 to 15 MHz wide in a window of 4 to 20 "
        "widths on a slope, 41 to 126 points, contrast over noise 12 to 100",
    ),
}
