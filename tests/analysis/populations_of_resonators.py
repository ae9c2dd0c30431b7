"""Kinds of resonator traces of known truth: dips, peaks, either sign of the phase, offsets of the IQ plane."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_analysis import fit_resonator

from .coverage import Population

if TYPE_CHECKING:
    from collections.abc import Callable

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]
OFFSET = 0.05


def draw_line(
    rng: np.random.Generator,
    *,
    peak: bool = False,
    reflected: bool = False,
    magnitude: bool = False,
    offset: Literal["constant", "drifting", "cycling"] | None = None,
) -> Drawn:
    """Draw a resonance behind a cable, with a carrier (or a peak) 30 to 300 times the noise.

    An offset is 5 % of the carrier and cycles up to six times during the sweep.
    """
    points, width = int(rng.integers(61, 201)), rng.uniform(0.001, 0.003)
    frequency, span = rng.uniform(5, 8), width / rng.uniform(0.05, 0.3)
    place = np.linspace(-0.5, 0.5, points)
    x = frequency + span * (place + rng.uniform(-0.25, 0.25))
    line = 1 / (1 + 2j * (x - frequency) / width)
    d = rng.uniform(0.3, 0.9) * np.exp(1j * rng.uniform(-0.5, 0.5))
    s21 = rng.uniform(0, 0.05) * np.exp(2j * np.pi * rng.uniform()) + line if peak else 1 - d * line
    turns = rng.uniform(1.5, 5) if offset else rng.uniform(-1, 5)
    y = s21 * np.exp(2j * np.pi * (rng.uniform() - turns * place)) * (1 + rng.normal(0, 0.05) * place)
    if offset:
        cycles = rng.uniform(1, 6) if offset == "cycling" else 0.0
        drift = rng.uniform(-1, 1) * place if offset == "drifting" else 0.0
        y = y + OFFSET * np.exp(2j * np.pi * (rng.uniform() + cycles * place)) * (1 + drift)
    sigma = 10 ** rng.uniform(-2.5, -1.5)
    y = y + sigma * (rng.normal(size=points) + 1j * rng.normal(size=points))
    y = np.abs(y) if magnitude else y.conj() if reflected else y
    truth = {"frequency": float(frequency), "linewidth": float(1e3 * width)}
    return (x, y), {"sigma": sigma}, truth


_RANGES = "width 5 to 30 % of the window, carrier (of a peak its height) 30 to 300 times the noise, 61 to 200 points"

KINDS: dict[str, Callable[[np.random.Generator], Drawn]] = {
    "peak": partial(draw_line, peak=True),
    "reflected": partial(draw_line, reflected=True),
    "peak, reflected": partial(draw_line, peak=True, reflected=True),
    "peak, magnitude": partial(draw_line, peak=True, magnitude=True),
    "constant offset": partial(draw_line, offset="constant"),
    "drifting offset": partial(draw_line, offset="drifting"),
    "cycling offset": partial(draw_line, offset="cycling"),
    "cycling offset, reflected": partial(draw_line, offset="cycling", reflected=True),
}
"""Kinds by name."""

POPULATIONS = {
    "fit_resonator, peak": Population(
        fit_resonator, KINDS["peak"], f"a peak beside a leak of up to 5 %, {_RANGES}"
    ),
    "fit_resonator, reflected plane": Population(
        fit_resonator, KINDS["reflected"], f"conjugate of a notch, depth 0.3 to 0.9, {_RANGES}"
    ),
}
"""Populations by their names in the table of coverage; offsets are detected in a part of the traces, and widen errors in others."""
