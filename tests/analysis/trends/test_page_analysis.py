"""Change points, drift and spread of simulated series with known truth.

`python -m benchmarks --only trends` has the same with more pages, in `benchmarks/trends.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.trends.page_analysis import SeriesAnalysis, analyse_page
from qdash_analysis.trends.series_models import Series

from ...case_tables import keep_quick
from .simulated_series import COURSES, heavy_tails, make_page, random_walk, score_pages, slopes, white

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .simulated_series import Course

SEED = 36
SEVERE = heavy_tails, random_walk, slopes
"""Courses with the most false change points in simpler analyses."""


def _analyse_first(values: np.ndarray, errors: np.ndarray | None, rng: np.random.Generator) -> SeriesAnalysis:
    """Return the analysis of a series on a page with white ones of the same metric."""
    n = len(values)
    own = Series("t1", np.arange(n, dtype=float), values, errors)
    others = [
        Series("t1", np.arange(n, dtype=float), 100 + rng.standard_normal(n), np.ones(n)) for _ in range(15)
    ]
    return analyse_page([own, *others])[0]


@pytest.mark.parametrize(
    ("errors", "courses"),
    [
        pytest.param(1.0, SEVERE, id="1.0, severe courses", marks=pytest.mark.slow),
        pytest.param(1.0, COURSES.values(), id="1.0", marks=pytest.mark.release),
        pytest.param(None, COURSES.values(), id="None", marks=pytest.mark.slow),
    ],
)
def test_at_most_a_twentieth_of_the_change_points_of_a_page_are_false(
    errors: float | None, courses: Iterable[Course]
) -> None:
    rng = np.random.default_rng(SEED)
    score = score_pages(make_page(course, rng, n=20, errors=errors, targets=32) for course in courses)
    assert score.false_share <= 0.05


@pytest.mark.parametrize(
    ("course", "targets"),
    [
        (heavy_tails, 8),
        *(pytest.param(course, 8, marks=pytest.mark.slow) for course in SEVERE[1:]),
        *(pytest.param(course, 32, marks=pytest.mark.slow) for course in COURSES.values()),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_page_without_steps_has_no_change_points(course: Course, targets: int) -> None:
    rng = np.random.default_rng(SEED)
    assert score_pages([make_page(course, rng, n=20, share=0.0, targets=targets)]).false_share == 0


@pytest.mark.parametrize(
    ("wrong", "share", "targets"),
    [
        pytest.param(1.0, 0.25, 12, id="right"),
        pytest.param(1.0, 0.05, 64, id="right, few steps", marks=pytest.mark.slow),
        pytest.param(1 / 1.5, 0.05, 64, id="too small", marks=pytest.mark.release),
        pytest.param(1.5, 0.05, 64, id="too large", marks=pytest.mark.slow),
    ],
)
def test_nine_of_ten_steps_of_five_deviations_are_found_within_two_samples(
    wrong: float, share: float, targets: int
) -> None:
    rng = np.random.default_rng(SEED)
    score = score_pages([make_page(white, rng, errors=wrong, share=share, targets=targets)])
    assert score.steps >= 12
    assert score.found >= 0.9 * score.steps


def test_steps_are_found_once_two_samples_follow() -> None:
    rng = np.random.default_rng(SEED)
    score = score_pages([make_page(white, rng, n=30, after=2, share=0.25, targets=12)])
    assert score.found >= 0.9 * score.steps


def test_a_step_has_its_size_with_an_error_and_its_place() -> None:
    rng = np.random.default_rng(SEED)
    values = 100 + rng.standard_normal((64, 20))
    values[:16, 12:] -= 8
    page = [Series("t1", np.arange(20.0), one, np.ones(20)) for one in values]
    pulls = []
    for found in analyse_page(page)[:16]:
        (step,) = found.change_points
        pulls.append((step.size + 8) / step.error)
        assert step.place in (10, 11, 12)
        assert 4 < step.deviations < 16
        assert step.q_value < 0.001
    # The pull of 16 estimates has a mean within 3 / sqrt(16) and, within 3 / sqrt(32), a width of 1.
    assert abs(np.mean(pulls)) < 0.75
    assert 0.47 < np.std(pulls) < 1.53


def test_an_outlier_is_no_change_point_and_the_newest_one_is_unconfirmed() -> None:
    rng = np.random.default_rng(SEED)
    values = 100 + rng.standard_normal(20)
    values[9] += 15
    assert _analyse_first(values, np.ones(20), rng).change_points == ()
    values = 100 + rng.standard_normal(20)
    values[-1] += 15
    found = _analyse_first(values, np.ones(20), rng)
    assert found.change_points == ()
    assert found.newest is not None
    assert found.newest.place == 18
    assert found.newest.size == pytest.approx(15, abs=4)


def test_two_steps_of_a_series_are_both_found() -> None:
    rng = np.random.default_rng(SEED)
    values = 100 + rng.standard_normal(30)
    values[10:] += 8
    values[20:] -= 12
    first, second = _analyse_first(values, np.ones(30), rng).change_points
    assert (first.place, second.place) == (9, 19)
    assert (first.size > 0, second.size > 0) == (True, False)


def test_a_constant_slope_is_a_drift_and_no_change_point() -> None:
    rng = np.random.default_rng(SEED)
    values = 100 + rng.standard_normal(30) - 0.5 * np.arange(30)
    found = _analyse_first(values, np.ones(30), rng)
    assert found.change_points == ()
    assert found.drift is not None
    assert found.drift.significant
    assert abs(found.drift.per_day + 0.5) < 3 * found.drift.error
    assert found.drift.error < 0.1


def test_random_walks_are_no_drifts() -> None:
    rng = np.random.default_rng(SEED)
    page = make_page(random_walk, rng, n=20, share=0.0, targets=16)
    found = [one.drift for one in analyse_page(page.series)]
    assert sum(one is not None and one.significant for one in found) <= 1


def test_spread_beyond_the_error_bars_has_a_size_with_an_error() -> None:
    rng = np.random.default_rng(SEED)
    n = 40
    wide = [100 + 3 * rng.standard_normal(n) for _ in range(16)]
    page = [Series("t1", np.arange(n, dtype=float), values, np.ones(n)) for values in wide]
    spreads = [one.spread for one in analyse_page(page) if one.spread is not None]
    assert len(spreads) == 16
    assert all(one.significant for one in spreads)
    # The mean of 16 estimates is within three of its standard deviations.
    pulls = [(one.value - np.sqrt(8)) / one.error for one in spreads]
    assert abs(np.mean(pulls)) < 3 / np.sqrt(16)


def test_error_bars_that_explain_the_scatter_leave_no_spread() -> None:
    rng = np.random.default_rng(SEED)
    found = [one.spread for one in analyse_page(make_page(white, rng, share=0.0, targets=24).series)]
    assert not any(one is not None and one.significant for one in found)
    assert np.median([one.reduced_chi2 for one in found if one is not None]) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    "kind", keep_quick(["scattered", "in proportion to the value", "of different accuracy"], 0)
)
def test_error_bars_that_vary_make_no_false_spread(kind: str) -> None:
    rng = np.random.default_rng(SEED)
    n, targets = 40, 40
    shape = targets, n
    values = np.maximum(100 + 30 * rng.standard_normal(shape), 1)
    errors = 0.3 * values if kind == "in proportion to the value" else 30 * rng.lognormal(0, 0.5, shape)
    if kind == "of different accuracy":
        values = 100 + errors * rng.standard_normal(shape)
    page = [Series("t1", np.arange(n, dtype=float), *one) for one in zip(values, errors, strict=True)]
    spreads = [one.spread for one in analyse_page(page) if one.spread is not None]
    assert len(spreads) == targets
    assert sum(one.significant for one in spreads) <= 0.05 * targets


def test_without_error_bars_there_is_no_spread_beyond_them() -> None:
    rng = np.random.default_rng(SEED)
    assert _analyse_first(100 + rng.standard_normal(20), None, rng).spread is None


@pytest.mark.parametrize(
    "values", [[1.0, 2.0, 3.0, 9.0], [5.0] * 10, [1.0, 2.0] * 5], ids=["four", "constant", "two values"]
)
def test_short_and_constant_series_are_not_analysed(values: list[float]) -> None:
    one = Series("t1", np.arange(len(values), dtype=float), np.array(values), None)
    assert analyse_page([one]) == [SeriesAnalysis()]
    assert analyse_page([]) == []
