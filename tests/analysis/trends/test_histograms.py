"""Histogram: every value is in one bin, and the bins suit the values."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis.trends.histograms import compute_histogram

_Values = st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), max_size=60)


def test_values_are_counted_in_bins_that_both_sets_share() -> None:
    found = compute_histogram([[1.0, 2.0, 2.0, 5.0], [4.0]])
    assert found is not None
    assert (found.edges[0], found.edges[-1], found.scale) == (1.0, 5.0, "linear")
    assert [sum(counts) for counts in found.counts] == [4, 1]
    assert found.counts[0][-1] == 1, "the last bin includes its upper edge"


def test_values_over_decades_have_logarithmic_bins() -> None:
    near = compute_histogram([[12.0, *(80.0 + number for number in range(20))]])
    assert near is not None
    assert near.scale == "linear", "one decade may be a single outlier"
    found = compute_histogram([[1e-4, 1e-3, 1e-2, 1e-1]])
    assert found is not None
    assert found.scale == "log"
    ratios = [high / low for low, high in pairwise(found.edges)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))


def test_one_far_outlier_makes_no_endless_histogram() -> None:
    found = compute_histogram([[-1.0, *(0.001 * number for number in range(100)), 1e9]])
    assert found is not None
    assert len(found.edges) == 41


def test_equal_values_are_one_bin_and_none_are_no_histogram() -> None:
    found = compute_histogram([[7.0, 7.0]])
    assert found is not None
    assert found.counts == [[2]]
    assert found.edges[0] < 7.0 < found.edges[1]
    assert compute_histogram([[], []]) is None


@given(_Values, _Values)
def test_every_value_is_in_exactly_one_bin(first: list[float], second: list[float]) -> None:
    found = compute_histogram([first, second])
    assert (found is None) is (not first and not second)
    if found is not None:
        assert [sum(counts) for counts in found.counts] == [len(first), len(second)]
        assert all(low < high for low, high in pairwise(found.edges))
