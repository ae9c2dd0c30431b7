"""Cost of each fit, against scipy's plain `curve_fit` of the same model from a good initial guess.

`curve_fit` is given the initial guess, assumes one envelope, accepts noise and returns a covariance; the fits
here have no initial guess, compare several models, and refuse.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

import qdash_analysis
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Model = Callable[..., Floats]

_POINTS = 81
_NOISE = 0.02


def _decay(x: Floats, time_us: float, amplitude: float, offset: float) -> Floats:
    return np.asarray(offset + amplitude * np.exp(-x / time_us))


def _wave(x: Floats, frequency: float, phase: float, decay: float, amplitude: float, offset: float) -> Floats:
    return np.asarray(offset + amplitude * np.exp(-x / decay) * np.cos(2 * np.pi * frequency * x + phase))


def _line(x: Floats, centre: float, width: float, height: float, offset: float, slope: float) -> Floats:
    return np.asarray(offset + slope * (x - x[0]) + height / (1 + (2 * (x - centre) / width) ** 2))


def _notch(
    x: Floats, centre: float, width: float, p: float, q: float, a: float, b: float, slope: float, delay: float
) -> Floats:
    """Return both quadratures of a notch behind a cable, concatenated; `x` holds each frequency twice."""
    place = x[: x.size // 2] - x[0]
    cable = (a + 1j * b) * (1 + slope * place) * np.exp(-2j * np.pi * delay * place)
    s21 = cable * (1 - (p + 1j * q) / (1 + 2j * (x[: x.size // 2] - centre) / width))
    return np.concatenate([s21.real, s21.imag])


_CASES: dict[str, tuple[str, Model, Floats, tuple[float, ...]]] = {
    "T1": ("fit_t1", _decay, np.linspace(0, 100, _POINTS), (25.0, 0.8, 0.1)),
    "echo": ("fit_t2_echo", _decay, np.linspace(0, 100, _POINTS), (25.0, 0.8, 0.1)),
    "Ramsey": ("fit_ramsey", _wave, np.linspace(0, 20, _POINTS), (0.5, 0.0, 10.0, 0.4, 0.5)),
    "Rabi": ("fit_rabi", _wave, np.linspace(0, 400, _POINTS), (0.01, 0.0, 400.0, 0.4, 0.5)),
    "qubit spectroscopy": (
        "fit_qubit_spectroscopy",
        _line,
        np.linspace(5, 5.05, _POINTS),
        (5.02, 0.004, 1.0, 0.0, 0.0),
    ),
    "resonator": (
        "fit_resonator",
        _notch,
        np.tile(np.linspace(7, 7.02, _POINTS), 2),
        (7.01, 0.002, 0.7, 0.1, 1.0, 0.0, 0.0, 50.0),
    ),
}


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Time each fit and `curve_fit` in turn on the same traces."""
    for what in _CASES:
        ours, plain = measure_fit(what, traces=5 if quick else 200)
        yield Row.of(f"fit of {what}, {_POINTS} points, over `curve_fit`", "ms", ours, against=plain)


def measure_fit(what: str, *, traces: int) -> tuple[list[float], list[float]]:
    """Return the times of a fit and of `curve_fit` in turn on the same traces, in ms."""
    from scipy.optimize import curve_fit

    name, model, x, truth = _CASES[what]
    fit = getattr(qdash_analysis, name)
    rng = np.random.default_rng(1)
    ours, plain = [], []
    for _ in range(traces):
        y = model(x, *truth) + rng.normal(0, _NOISE, x.size)
        sigma, half = np.full(x.size, _NOISE), x.size // 2
        arguments = (x[:half], y[:half] + 1j * y[half:]) if name == "fit_resonator" else (x, y)
        ours.append(_milliseconds(fit, *arguments, sigma=_NOISE))
        plain.append(_milliseconds(curve_fit, model, x, y, truth, sigma, absolute_sigma=True))
    return ours, plain


def _milliseconds(action: Callable[..., object], *arguments: object, **options: object) -> float:
    start = time.perf_counter()
    action(*arguments, **options)
    return 1e3 * (time.perf_counter() - start)
