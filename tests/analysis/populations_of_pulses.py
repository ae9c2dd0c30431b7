"""Traces of known truth for the fits of pulses; see `populations`."""

from __future__ import annotations

from typing import Any

import numpy as np

from qdash_analysis import fit_drag, fit_pulse_train

from .coverage import Population

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]


def half_pi_train(rng: np.random.Generator) -> Drawn:
    """Draw short pulse trains and, in half of the traces, much longer trains."""
    longest = int(rng.integers(8, 50))
    few = np.arange(0.0, min(longest, 16) + 1)
    counts = (
        few
        if rng.random() < 0.5
        else np.union1d(np.arange(5.0), np.arange(max(5, longest - 12), longest + 1.0))
    )
    return _train(rng, counts, np.zeros(counts.size), np.pi / 2)


def pi_train(rng: np.random.Generator) -> Drawn:
    """Draw trains of pi pulses from |0>, at both ends of the range, and after an X90."""
    longest = int(rng.integers(8, 40))
    poles = np.union1d(np.arange(4.0), np.arange(longest - 3.0, longest + 1))
    equator = np.union1d(np.arange(5.0), np.arange(max(5, longest - 12), longest + 1.0))
    start = np.repeat([0.0, np.pi / 2], [poles.size, equator.size])
    return _train(rng, np.concatenate([poles, equator]), start, np.pi)


def x90_and_x180(rng: np.random.Generator) -> Drawn:
    """Draw a flipping sequence: an X90 and n X180, in half of the traces with 0 and 1 pulses from |0>."""
    longest, both_states = int(rng.integers(15, 40)), rng.random() < 0.5
    counts = np.concatenate([[0.0, 1.0] if both_states else [], np.arange(longest + 1.0)])
    start = np.full(counts.size, np.pi / 2)
    start[: counts.size - longest - 1] = 0.0
    total = rng.choice([-1, 1]) * rng.uniform(0.2 if both_states else 3.0, min(10.0, 0.4 * longest))
    turned = start + rng.uniform(-0.05, 0.05) * (start > 0) + counts * (np.pi + total / longest)
    kept, sigma = np.exp(-counts / (longest * 10 ** rng.uniform(0.3, 1.5))), 10 ** rng.uniform(-2.3, -1.6)
    y = 0.5 - rng.uniform(0.35, 0.5) * np.cos(turned) * kept + rng.normal(0, sigma, counts.size)
    known = {"sigma": sigma} if rng.random() < 0.7 else {}
    return (counts, y), {"angle": np.pi, "start": start, **known}, {"angle_error": float(total / longest)}


def _train(rng: np.random.Generator, counts: Any, start: Any, angle: float) -> Drawn:
    longest = counts.max()
    error = rng.uniform(-1, 1) * min(0.25, 2 / longest) if rng.random() < 0.5 else rng.normal(0, 0.005)
    turned = start + rng.uniform(-0.2, 0.2) * (start > 0) + counts * (angle + error)
    amplitude = rng.choice([-1, 1]) * rng.uniform(0.1, 5)
    sigma = abs(amplitude) * 10 ** rng.uniform(-2.3, -1.2)
    kept = np.exp(-counts / (longest * 10 ** rng.uniform(-0.2, 1.5)))
    y = rng.normal() - amplitude * np.cos(turned) * kept + rng.normal(0, sigma, counts.size)
    known = {"sigma": sigma} if rng.random() < 0.7 else {}
    return (counts, y), {"angle": angle, "start": start, **known}, {"angle_error": float(error)}


def drag_of_two(rng: np.random.Generator) -> Drawn:
    """Draw two coprime numbers of pairs; a quarter to one and a half periods of the larger one."""
    few = int(rng.integers(2, 12))
    return _drag(rng, [few, 2 * few + 1], rng.uniform(0.4, 1.5))


def drag_of_one(rng: np.random.Generator) -> Drawn:
    """Draw one number of pairs, with too little of a period for two extrema."""
    return _drag(rng, [int(rng.integers(1, 20))], rng.uniform(0.3, 0.45))


def _drag(rng: np.random.Generator, pairs: list[int], periods: float) -> Drawn:
    points, low, width = int(rng.integers(15, 42)), rng.uniform(-2, 1), 10 ** rng.uniform(-0.7, 0.5)
    sweep = np.linspace(low, low + width, points)
    if rng.random() < 0.2:
        sweep = np.sort(rng.uniform(low, low + width, points))
    optimum = rng.uniform(low + 0.25 * width, low + 0.75 * width)
    amplitude = rng.choice([-1, 1]) * rng.uniform(0.1, 5)
    sigma, rate = abs(amplitude) * 10 ** rng.uniform(-2.3, -1.4), rng.uniform(0, 0.5) / max(pairs)
    turn = 2 * np.pi * periods / width / max(pairs)
    offsets = rng.normal(size=(len(pairs), 1)) * 0.1 * amplitude
    n = np.array(pairs)[:, None]
    y = offsets - amplitude * np.exp(-rate * n) * np.cos(n * turn * (sweep - optimum))
    y = y + rng.normal(0, sigma, y.shape)
    known = {"sigma": sigma} if rng.random() < 0.7 else {}
    ground = {"ground": float(offsets[0, 0] - amplitude)} if len(pairs) == 1 else {}
    return (sweep, y), {"repetitions": pairs, **known, **ground}, {"beta": float(optimum)}


_NOISE = "noise 0.5 to 6 % of the amplitude, known in 70 %"

POPULATIONS: dict[str, Population] = {
    "fit_pulse_train, half pi": Population(
        fit_pulse_train,
        half_pi_train,
        f"longest train 8 to 49 pulses, total error up to 2 rad, decay 0.6 to 30 times the longest train, {_NOISE}",
    ),
    "fit_pulse_train, pi": Population(
        fit_pulse_train,
        pi_train,
        f"longest train 8 to 39 pulses, start error up to 0.2 rad, otherwise as for half pi, {_NOISE}",
    ),
    "fit_pulse_train, X90 and X180": Population(
        fit_pulse_train,
        x90_and_x180,
        "an X90 and up to 15 to 39 X180, total error 3 to 10 rad, or 0.2 to 10 rad with 0 and 1 pulses from |0>, at most 0.4 "
        "rad per pulse, error of the X90 up to 0.05 rad, decay 2 to 30 times the train, noise 0.5 to 2.5 % of full scale, "
        "known in 70 %",
    ),
    "fit_drag, two numbers of pairs": Population(
        fit_drag,
        drag_of_two,
        "15 to 41 coefficients, some unevenly spaced, 0.4 to 1.5 periods, optimum in the middle half of the window, noise 0.5 to "
        "4 % of the amplitude, known in 70 %",
    ),
    "fit_drag, one number of pairs": Population(
        fit_drag, drag_of_one, "as with two, 0.3 to 0.45 periods, the signal of |0> known"
    ),
}
"""Populations by their names in the table of coverage."""
