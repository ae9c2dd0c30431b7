"""Coverage of the error bars of a fit, over a population of traces of known truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qdash_analysis import FitResult, StateResult

Fitted = tuple[FitResult, Mapping[str, float]]
"""A result, and the true value by parameter."""

_ROUNDING = 1e-12
FARTHEST = 10.0
"""Largest pull in the mean, so that one outlier does not hide the others."""


@dataclass(frozen=True)
class Population:
    """Population of traces for one fit, with the distribution of its parameters.

    Attributes
    ----------
    fit
        The function under test.
    draw
        Arguments and keyword arguments of one call, and the true value of each parameter. A truth of infinity marks a
        parameter that should be absent.
    ranges
        Description of the distribution.
    """

    fit: Callable[..., FitResult]
    draw: Callable[[np.random.Generator], tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]]
    ranges: str


@dataclass(frozen=True)
class Coverage:
    """Coverage of one parameter over the accepted traces; for a state, that of the raw estimate.

    Attributes
    ----------
    interval
        Share of intervals that contain the truth, if the fit gives intervals.
    """

    accepted: int
    within_one: float
    within_two: float
    beyond_five: float
    mean_pull: float
    interval: float | None = None


@dataclass(frozen=True)
class Honesty:
    """Result of a population."""

    traces: int
    refused: int
    parameters: dict[str, Coverage]


def measure(population: Population, *, traces: int, seed: int) -> Honesty:
    """Fit a number of traces, and return their coverage."""
    rng = np.random.default_rng(seed)
    pulls: dict[str, list[float]] = {}
    held: dict[str, list[bool]] = {}
    refused = 0
    for _ in range(traces):
        arguments, options, truth = population.draw(rng)
        result = population.fit(*arguments, **options)
        refused += not result.success
        for name, true in truth.items():
            found = pulls.setdefault(name, [])
            estimate = (result.raw if isinstance(result, StateResult) else result.parameters).get(name)
            if estimate is not None:
                assert estimate.error is not None
                found.append((estimate.value - true) / estimate.error)
                if (interval := result.parameters[name].interval) is not None:
                    held.setdefault(name, []).append(
                        interval[0] - _ROUNDING <= true <= interval[1] + _ROUNDING
                    )
    return Honesty(
        traces, refused, {name: _coverage(np.array(found), held.get(name)) for name, found in pulls.items()}
    )


def _coverage(pulls: np.ndarray[Any, np.dtype[np.float64]], held: list[bool] | None) -> Coverage:
    size = np.abs(pulls)
    return Coverage(
        pulls.size,
        float(np.mean(size < 1)),
        float(np.mean(size < 2)),
        float(np.mean(size > 5)),
        float(np.mean(np.clip(pulls, -FARTHEST, FARTHEST))),
        float(np.mean(held)) if held else None,
    )
