"""Pages of simulated series with known steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.page_analysis import analyse_page
from qdash_analysis.trends.series_models import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.trends.page_analysis import SeriesAnalysis

    Floats = NDArray[np.float64]
    Course = Callable[[np.random.Generator, int], Floats]

LEVELS = {
    "t1": (100.0, 0.05),
    "frequency": (5.0, 1e-6),
    "fidelity": (0.98, 0.003),
    "zz": (0.03, 0.1),
    "t2": (40, 0.2),
}
"""Level and relative noise of each metric."""
TOLERANCE = 2
"""Samples between a true step and a reported one that is right."""
JUMP = 5.0


def white(rng: np.random.Generator, n: int) -> Floats:
    """Return Gaussian noise of unit variance."""
    return rng.standard_normal(n)


def heavy_tails(rng: np.random.Generator, n: int) -> Floats:
    """Return noise of unit variance from a t distribution with three degrees of freedom."""
    return rng.standard_t(3, n) / math.sqrt(3)


def outliers(rng: np.random.Generator, n: int) -> Floats:
    """Return Gaussian noise with gross outliers, one in a hundred."""
    return rng.standard_normal(n) + 15 * rng.choice((-1, 0, 1), n, p=(0.005, 0.99, 0.005))


def random_walk(rng: np.random.Generator, n: int) -> Floats:
    """Return a random walk of unit steps, measured almost without noise."""
    return np.cumsum(rng.standard_normal(n)) + 0.02 * rng.standard_normal(n)


def noisy_walk(rng: np.random.Generator, n: int) -> Floats:
    """Return a slow random walk below the noise."""
    return 0.3 * np.cumsum(rng.standard_normal(n)) + rng.standard_normal(n)


def wandering(rng: np.random.Generator, n: int, correlated: float = 3.0) -> Floats:
    """Return an Ornstein-Uhlenbeck process of twice the noise, correlated for some samples."""
    kept = math.exp(-1 / correlated)
    level = np.empty(n)
    level[0] = rng.standard_normal()
    for i in range(1, n):
        level[i] = kept * level[i - 1] + math.sqrt(1 - kept**2) * rng.standard_normal()
    return 2 * level + rng.standard_normal(n)


def slopes(rng: np.random.Generator, n: int) -> Floats:
    """Return noise on a constant slope of random size."""
    return rng.standard_normal(n) + 0.3 * rng.standard_normal() * np.arange(n)


COURSES: dict[str, Course] = {
    "white noise": white,
    "t noise, 3 degrees of freedom": heavy_tails,
    "white noise, outliers": outliers,
    "random walk": random_walk,
    "slow random walk, white noise": noisy_walk,
    "Ornstein-Uhlenbeck, 3 samples": wandering,
    "slopes, white noise": slopes,
}


@dataclass(frozen=True, slots=True)
class Page:
    """Series with the last sample before the true step of each, or None.

    Parameters
    ----------
    series : sequence of Series
        The series.
    steps : sequence of int or None
        Steps that have to be found.
    further : sequence of sequence of int
        True steps of each series that need not be found; empty if there are none.
    """

    series: Sequence[Series]
    steps: Sequence[int | None]
    further: Sequence[Sequence[int]] = ()


def make_page(
    course: Course,
    rng: np.random.Generator,
    *,
    n: int = 24,
    errors: float | None = 1.0,
    share: float = 0.05,
    after: int | None = None,
    targets: int = 64,
) -> Page:
    """Return a page of five metrics on some targets.

    Parameters
    ----------
    course : callable
        Returns noise and drift, in standard deviations of single samples.
    rng : Generator
        Random numbers.
    n : int
        Samples of each series.
    errors : float or None
        Factor by which the error bars are wrong, or None for no error bars.
    share : float
        Share of the series with a step of five standard deviations.
    after : int or None
        Samples after each step, or None for a random place with at least two.
    targets : int
        Number of targets.
    """
    series: list[Series] = []
    steps: list[int | None] = []
    for metric, (level, noise) in LEVELS.items():
        for _ in range(targets):
            middle = level * math.exp(0.2 * rng.standard_normal() * (metric in ("t1", "t2")))
            scale = middle * noise * math.exp(0.4 * rng.standard_normal())
            values = course(rng, n)
            step = None
            if rng.random() < share:
                step = n - 1 - after if after else int(rng.integers(1, n - 2))
                values[step + 1 :] += JUMP * rng.choice((-1, 1))
            days = np.arange(n) + rng.uniform(-0.05, 0.05, n)
            bars = None if errors is None else scale * errors * np.exp(0.2 * rng.standard_normal(n))
            series.append(Series(metric, days, middle + scale * values, bars))
            steps.append(step)
    return Page(series, steps)


@dataclass(frozen=True, slots=True)
class Score:
    """Right and false change points of pages, and true steps.

    Parameters
    ----------
    false_share : float
        Mean share of false ones among the reported ones of a page.
    found, steps : int
        True steps that were found, and all.
    """

    false_share: float
    found: int
    steps: int


def score_pages(pages: Iterable[Page]) -> Score:
    """Analyse pages, and compare the change points with the true steps."""
    shares, found, steps = [], 0, 0
    for page in pages:
        right, false = count_right(page, analyse_page(page.series))
        shares.append(false / max(1, right + false))
        found += right
        steps += sum(step is not None for step in page.steps)
    return Score(float(np.mean(shares)), found, steps)


def count_right(page: Page, analyses: Sequence[SeriesAnalysis]) -> tuple[int, int]:
    """Return the numbers of right and of false change points."""
    right = false = 0
    further = page.further or [()] * len(page.series)
    for step, more, own in zip(page.steps, further, analyses, strict=True):
        true = [*more, *([] if step is None else [step])]
        near = [
            one for one in own.change_points if any(abs(one.place - place) <= TOLERANCE for place in true)
        ]
        found = step is not None and any(abs(one.place - step) <= TOLERANCE for one in own.change_points)
        # Reports beyond one for each true step are false.
        false += len(own.change_points) - min(len(near), len(true))
        right += found if not more else min(len(near), len(true))
    return right, false
