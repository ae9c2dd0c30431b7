"""Correlation of two metrics: published values, invariances, and pairs from which nothing follows."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis.trends.correlations import FEWEST_PAIRS, compute_correlation, rank

ANSCOMBE_X = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0]
ANSCOMBE_Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
"""The first data set of Anscombe, The American Statistician 27, 17 (1973): r = 0.816."""
PAIRS = list(zip(ANSCOMBE_X, ANSCOMBE_Y, strict=True))
_Numbers = st.floats(-1e300, 1e300, allow_subnormal=False)
_Pairs = st.lists(st.tuples(_Numbers, _Numbers), min_size=FEWEST_PAIRS, max_size=40)


def test_published_pairs_have_their_coefficients_and_intervals() -> None:
    found = compute_correlation(PAIRS)
    assert (found.n, found.fewest) == (11, FEWEST_PAIRS)
    assert found.pearson is not None
    assert found.spearman is not None
    assert found.pearson.value == pytest.approx(0.81642, abs=1e-5)
    # tanh(atanh(0.81642) ± 1.96 / sqrt(8))
    assert (found.pearson.low, found.pearson.high) == pytest.approx((0.42439, 0.95069), abs=1e-4)
    assert found.spearman.value == pytest.approx(0.81818, abs=1e-5)
    assert found.spearman.low < found.pearson.low


def test_one_outlier_changes_pearson_and_hardly_spearman() -> None:
    found = compute_correlation([*PAIRS, (15.0, -1000.0)])
    assert found.pearson is not None
    assert found.spearman is not None
    assert found.pearson.value < 0
    assert found.spearman.value > 0.3


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        PAIRS[: FEWEST_PAIRS - 1],
        [(x, 3.0) for x in ANSCOMBE_X],
        [(0.0, y) for y in ANSCOMBE_Y],
    ],
    ids=["none", "too few", "constant", "zero"],
)
def test_pairs_from_which_nothing_follows_have_no_coefficient(pairs: list[tuple[float, float]]) -> None:
    found = compute_correlation(pairs)
    assert (found.n, found.pearson, found.spearman) == (len(pairs), None, None)


def test_equal_values_share_their_mean_rank() -> None:
    assert rank(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


@given(_Pairs)
def test_coefficients_lie_within_their_intervals_whatever_the_size_of_the_values(
    pairs: list[tuple[float, float]],
) -> None:
    found = compute_correlation(pairs)
    for one in (found.pearson, found.spearman):
        assert one is None or -1.0 <= one.low <= one.value <= one.high <= 1.0


@given(_Pairs)
def test_the_order_of_the_metrics_and_the_sign_of_one_decide_only_on_the_sign(
    pairs: list[tuple[float, float]],
) -> None:
    found = compute_correlation(pairs)
    swapped = compute_correlation([(y, x) for x, y in pairs])
    turned = compute_correlation([(-x, y) for x, y in pairs])
    for name in ("pearson", "spearman"):
        one, other, third = (getattr(each, name) for each in (found, swapped, turned))
        assert (one is None) is (other is None) is (third is None)
        if one is not None:
            assert other.value == pytest.approx(one.value, abs=1e-9)
            assert third.value == pytest.approx(-one.value, abs=1e-9)


def test_an_interval_holds_the_coefficient_of_the_source_nineteen_times_of_twenty() -> None:
    draw, truth, rounds = random.Random(3), 0.6, 400
    inside = {"pearson": 0, "spearman": 0}
    # Of a normal pair with correlation r, Spearman's coefficient is 6 / pi asin(r / 2).
    truths = {"pearson": truth, "spearman": 6 / math.pi * math.asin(truth / 2)}
    for _ in range(rounds):
        x = [draw.gauss() for _ in range(40)]
        pairs = [(one, truth * one + math.sqrt(1 - truth**2) * draw.gauss()) for one in x]
        found = compute_correlation(pairs)
        for name, count in inside.items():
            one = getattr(found, name)
            inside[name] = count + (one.low <= truths[name] <= one.high)
    # Five standard deviations of a binomial count: 5 sqrt(0.95 0.05 / 400) = 0.054.
    assert all(abs(count / rounds - 0.95) < 0.054 for count in inside.values()), inside
