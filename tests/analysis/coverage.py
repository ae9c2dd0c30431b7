"""Coverage of the error bars of a fit, over a population of traces of known truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qdash_analysis import FitResult, StateResult

Fitted = tuple[FitResult, Mapping[str, float]]
"""A result, and the true value by parameter."""

Truth = float | tuple[float, float]
"""True value, or the limits of values that are all right."""

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
        parameter that should be absent; a pair has the limits of values that are all right.
    ranges
        Description of the distribution.
    """

    fit: Callable[..., FitResult]
    draw: Callable[[np.random.Generator], tuple[tuple[Any, ...], dict[str, Any], Mapping[str, Truth]]]
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

    @property
    def wrong(self) -> float:
        """Largest share of the traces in which a parameter is accepted beyond five errors."""
        return max(one.accepted * one.beyond_five for one in self.parameters.values()) / self.traces


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
                low, high = true if isinstance(true, tuple) else (true, true)
                found.append((estimate.value - min(max(estimate.value, low), high)) / estimate.error)
                if (interval := result.parameters[name].interval) is not None:
                    held.setdefault(name, []).append(
                        interval[0] - _ROUNDING <= low <= interval[1] + _ROUNDING
                    )
    return Honesty(
        traces, refused, {name: _coverage(np.array(found), held.get(name)) for name, found in pulls.items()}
    )


def _coverage(pulls: np.ndarray[Any, np.dtype[np.float64]], held: list[bool] | None) -> Coverage:
    size = np.abs(pulls)
    if not size.size:
        return Coverage(0, math.nan, math.nan, 0.0, math.nan)
    return Coverage(
        pulls.size,
        float(np.mean(size < 1)),
        float(np.mean(size < 2)),
        float(np.mean(size > 5)),
        float(np.mean(np.clip(pulls, -FARTHEST, FARTHEST))),
        float(np.mean(held)) if held else None,
    )
