"""Populations of traces for every fit, over wide ranges of truth, noise and sampling.

One generator for each fit: the tests and the published table of coverage use the same ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qdash_analysis import (
    fit_qubit_spectroscopy,
    fit_rabi,
    fit_ramsey,
    fit_resonator,
    fit_t1,
    fit_t2_echo,
)

from .coverage import Population
from .populations_of_benchmarking import POPULATIONS as OF_BENCHMARKING
from .populations_of_chevrons import POPULATIONS as OF_CHEVRONS
from .populations_of_couplings import POPULATIONS as OF_COUPLINGS
from .populations_of_pulses import POPULATIONS as OF_PULSES
from .populations_of_readout import POPULATIONS as OF_READOUT
from .populations_of_resonators import POPULATIONS as OF_RESONATORS

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number with a uniformly distributed logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def perhaps_known(rng: np.random.Generator, sigma: float) -> dict[str, float]:
    """Return the known noise for every second fit, and nothing for the others."""
    return {"sigma": sigma} if rng.random() < 0.5 else {}


def _decay(
    rng: np.random.Generator, *, share: float, contrast_over_noise: float
) -> tuple[Floats, Floats, float, float]:
    time = log_uniform(rng, 0.8, 800.0)
    points = int(rng.integers(31, 102))
    u = rng.uniform(2.5, 6.0) * np.linspace(0, 1, points)
    amplitude = log_uniform(rng, 1e-3, 1e3) * rng.choice([-1, 1])
    sigma = abs(amplitude) / contrast_over_noise
    y = amplitude * (np.exp(-share * u - (1 - share) * u**2) + rng.uniform(-2, 2)) + rng.normal(
        0, sigma, points
    )
    return time * u, y, sigma, time


def t1(rng: np.random.Generator) -> Drawn:
    """Draw a relaxation."""
    x, y, sigma, time = _decay(rng, share=1.0, contrast_over_noise=log_uniform(rng, 12, 200))
    return (x, y), perhaps_known(rng, sigma), {"t1": time}


def t2_echo(rng: np.random.Generator) -> Drawn:
    """Draw an echo with an exponential, a Gaussian or a mixed envelope."""
    share = rng.choice([0.0, 1.0, rng.random()])
    x, y, sigma, time = _decay(rng, share=share, contrast_over_noise=log_uniform(rng, 12, 200))
    return (x, y), perhaps_known(rng, sigma), {"t2_echo": time}


def _counted(rng: np.random.Generator, share: float) -> tuple[Floats, Floats, dict[str, Floats], float]:
    """Return a decay of the mean of binary shots, from or to an even chance: one end is noisier."""
    time, shots, points = (
        log_uniform(rng, 0.8, 800.0),
        int(rng.integers(500, 4000)),
        int(rng.integers(51, 102)),
    )
    u = rng.uniform(3, 6) * np.linspace(0, 1, points)
    certain = rng.uniform(0.9, 0.98)
    first, last = (certain, 0.5) if rng.random() < 0.5 else (0.5, certain)
    chance = last + (first - last) * np.exp(-share * u - (1 - share) * u**2)
    y = rng.binomial(shots, chance) / shots
    smoothed = (shots * y + 1) / (shots + 2)
    told = {"sigma": np.sqrt(smoothed * (1 - smoothed) / shots)} if rng.random() < 0.3 else {}
    return time * u, y, told, time


def t1_counted(rng: np.random.Generator) -> Drawn:
    """Draw a relaxation of binary shots."""
    x, y, told, time = _counted(rng, 1.0)
    return (x, y), told, {"t1": time}


def t2_echo_counted(rng: np.random.Generator) -> Drawn:
    """Draw an echo of binary shots."""
    x, y, told, time = _counted(rng, rng.choice([0.0, 1.0]))
    return (x, y), told, {"t2_echo": time}


def ramsey(rng: np.random.Generator) -> Drawn:
    """Draw fringes with an exponential, a Gaussian or a mixed envelope."""
    window = log_uniform(rng, 0.5, 500.0)
    periods, decays, points = rng.uniform(3, 12), rng.uniform(1.2, 3.0), int(rng.integers(51, 102))
    share = rng.choice([0.0, 1.0, rng.random()])
    x = window * np.linspace(0, 1, points)
    u = decays * x / window
    wave = np.exp(-share * u - (1 - share) * u**2) * np.cos(
        2 * np.pi * periods * x / window + rng.uniform(0, 6.3)
    )
    sigma = 1 / log_uniform(rng, 12, 100)
    truth = {"detuning": periods / window, "t2_star": window / decays}
    return (x, rng.uniform(-2, 2) + wave + rng.normal(0, sigma, points)), perhaps_known(rng, sigma), truth


def rabi(rng: np.random.Generator) -> Drawn:
    """Draw a Rabi oscillation, every third one without decay."""
    window = log_uniform(rng, 50.0, 2000.0)
    periods, points = rng.uniform(1.5, 12), int(rng.integers(51, 102))
    decays = rng.choice([0.0, *rng.uniform(0.8, 3.0, 2)])
    x = window * np.linspace(0, 1, points)
    phase = rng.uniform(-2.5, 2.5)
    sigma = 1 / log_uniform(rng, 12, 100)
    wave = np.exp(-decays * x / window) * np.cos(2 * np.pi * periods * x / window + phase)
    offset = rng.uniform(-2, 2)
    truth = {
        "frequency": 1e3 * periods / window,
        "amplitude": 1.0,
        "offset": offset,
        "phase": phase,
        "decay": window / decays if decays else np.inf,
    }
    return (x, offset + wave + rng.normal(0, sigma, points)), perhaps_known(rng, sigma), truth


def line(rng: np.random.Generator) -> Drawn:
    """Draw a peak or a dip on a slope."""
    span, points = log_uniform(rng, 0.01, 0.4), int(rng.integers(61, 202))
    relative_width = log_uniform(rng, max(0.03, 6 / points), 0.25)
    place = np.linspace(-0.5, 0.5, points)
    centre = rng.uniform(-0.3, 0.3)
    sigma = 1 / log_uniform(rng, 12, 100)
    y = rng.choice([-1, 1]) / (1 + (2 * (place - centre) / relative_width) ** 2)
    y = y + rng.normal(0, 0.2) * place + rng.normal(0, sigma, points)
    middle = rng.uniform(3, 7)
    truth = {"frequency": middle + span * centre, "linewidth": 1e3 * span * relative_width}
    return (middle + span * place, y), perhaps_known(rng, sigma), truth


def two_lines(rng: np.random.Generator) -> Drawn:
    """Draw a line and a weaker neighbour, at least three widths apart."""
    points = int(rng.integers(151, 252))
    place = np.linspace(-0.5, 0.5, points)
    width, neighbour = rng.uniform(0.05, 0.08, 2)
    centre = rng.uniform(-0.3, 0.0)
    second = centre + rng.uniform(3, 5) * max(width, neighbour)
    sigma = 1 / log_uniform(rng, 15, 100)
    height = rng.uniform(0.4, 0.7) * rng.choice([-1, 1])
    y = 1 / (1 + (2 * (place - centre) / width) ** 2) + height / (1 + (2 * (place - second) / neighbour) ** 2)
    truth = {"frequency": 5 + 0.1 * centre, "linewidth": 100 * width, "second_frequency": 5 + 0.1 * second}
    return (5 + 0.1 * place, y + rng.normal(0, sigma, points)), perhaps_known(rng, sigma), truth


def _notch(
    rng: np.random.Generator, *, asymmetry: float
) -> tuple[Floats, np.ndarray[Any, Any], dict[str, float]]:
    frequency, width = rng.uniform(4, 8), log_uniform(rng, 2e-4, 5e-3)
    points = int(rng.integers(81, 202))
    span = width / rng.uniform(0.05, 0.3)
    x = frequency + span * (np.linspace(-0.5, 0.5, points) + rng.uniform(-0.2, 0.2))
    d = rng.uniform(0.3, 0.9) * np.exp(1j * rng.uniform(-asymmetry, asymmetry))
    turns = rng.uniform(-5, 5)
    cable = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * turns * (x - x[0]) / span))
    s21 = cable * (1 + rng.normal(0, 0.05) * (x - x[0]) / span) * (1 - d / (1 + 2j * (x - frequency) / width))
    q_loaded = frequency / width
    truth = {
        "frequency": frequency,
        "linewidth": 1e3 * width,
        "q_loaded": q_loaded,
        "q_internal": q_loaded / (1 - d.real),
    }
    return x, s21, truth


def resonator(rng: np.random.Generator) -> Drawn:
    """Draw a notch behind a cable, complex."""
    x, s21, truth = _notch(rng, asymmetry=0.6)
    sigma = 1 / log_uniform(rng, 20, 300)
    noise = rng.normal(0, sigma, x.size) + 1j * rng.normal(0, sigma, x.size)
    return (x, s21 + noise), perhaps_known(rng, sigma), truth


def resonator_magnitude(rng: np.random.Generator) -> Drawn:
    """Draw the magnitude of a notch."""
    x, s21, truth = _notch(rng, asymmetry=0.4)
    sigma = 1 / log_uniform(rng, 60, 300)
    return (x, np.abs(s21) + rng.normal(0, sigma, x.size)), perhaps_known(rng, sigma), truth


_COUNTED = (
    "500 to 4,000 single shots, excited-state probability from 0.9-0.98 to 0.5 or the reverse, noise given in 30 %, "
    "window 3 to 6 decay times, 51 to 101 points"
)
_DECAYS = "window 2.5 to 6 decay times, 31 to 101 points, contrast 12 to 200 times the noise"

POPULATIONS: dict[str, Population] = {
    "fit_t1": Population(fit_t1, t1, f"T1 0.8 to 800 µs, {_DECAYS}"),
    "fit_t2_echo": Population(
        fit_t2_echo, t2_echo, f"T2 0.8 to 800 µs, exponential, Gaussian or mixed, {_DECAYS}"
    ),
    "fit_t1, counted shots": Population(fit_t1, t1_counted, _COUNTED),
    "fit_t2_echo, counted shots": Population(
        fit_t2_echo, t2_echo_counted, f"exponential or Gaussian, {_COUNTED}"
    ),
    "fit_ramsey": Population(
        fit_ramsey,
        ramsey,
        "3 to 12 periods, 1.2 to 3 decay times, envelope exponential, Gaussian or mixed, 51 to 101 points, amplitude "
        "12 to 100 times the noise",
    ),
    "fit_rabi": Population(
        fit_rabi,
        rabi,
        "1.5 to 12 periods, 0.8 to 3 decay times or (one third) no decay, 51 to 101 points, amplitude 12 to 100 times "
        "the noise",
    ),
    "fit_qubit_spectroscopy": Population(
        fit_qubit_spectroscopy,
        line,
        "one peak or dip of 3 to 25 % of the window and at least 6 points, slope, 61 to 201 points, height 12 to 100 "
        "times the noise",
    ),
    "fit_qubit_spectroscopy, two lines": Population(
        fit_qubit_spectroscopy,
        two_lines,
        "a second line of 0.4 to 0.7 of the height, 3 to 5 widths away, 151 to 251 points, height 15 to 100 times the "
        "noise",
    ),
    "fit_resonator, complex": Population(
        fit_resonator,
        resonator,
        "width 5 to 30 % of the window, depth 0.3 to 0.9, asymmetry up to 0.6 rad, cable phase up to 5 periods, slope, 81 to 201 "
        "points, carrier 20 to 300 times the noise",
    ),
    "fit_resonator, magnitude": Population(
        fit_resonator,
        resonator_magnitude,
        "the same, asymmetry up to 0.4 rad, carrier 60 to 300 times the noise",
    ),
    **OF_CHEVRONS,
    **OF_READOUT,
    **OF_RESONATORS,
    **OF_PULSES,
    **OF_BENCHMARKING,
    **OF_COUPLINGS,
}
"""Populations by their names in the table of coverage."""
