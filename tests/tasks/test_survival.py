"""Survival of random sequences if the sequences of one length do not end in both states."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.pair_survival import estimate_leakage
from qdash_tasks.programs.survival import project_survival

from ..case_tables import each_case

LENGTHS = np.repeat([1.0, 5.0, 20.0, 60.0], 4)
KEPT = 0.98**LENGTHS


def trace(ends: np.ndarray, *, rows: int | None = None) -> Trace:
    """Return sequences that end in their expected state, except for a decay, about 0.3 in I."""
    noise = np.random.default_rng(5).normal(scale=1e-4, size=LENGTHS.size)
    iq = (0.3 + np.where(ends, 1.0, -1.0) * KEPT + noise).astype(complex)
    sigma, covariance = np.full(LENGTHS.size, 1e-4 * (1 + 1j)), np.zeros(LENGTHS.size)
    if rows is None:
        return Trace(LENGTHS, iq, sigma, covariance, ends=ends)
    of_both = (np.stack([values] * rows) for values in (iq, sigma, covariance))
    return Trace(LENGTHS, *of_both, ends=np.stack([ends] * rows, axis=1))


def ends(*, one_sided: int) -> np.ndarray:
    """Return final states: every second one is 1, but none among the first lengths."""
    return (np.arange(LENGTHS.size) % 2 == 1) & (np.arange(LENGTHS.size) >= 4 * one_sided)


@each_case("one_sided", [0, 1, 3])
def test_the_middle_is_that_of_lengths_with_both_endings(one_sided: int) -> None:
    found = project_survival(trace(ends(one_sided=one_sided)))
    assert found.y == pytest.approx(KEPT, abs=1e-3)
    assert np.isfinite(found.sigma).all()


def test_sequences_that_all_end_alike_show_no_survival() -> None:
    with pytest.raises(AnalysisError, match="same intended final state"):
        project_survival(trace(ends(one_sided=4)))


def test_leakage_is_read_from_lengths_with_both_endings() -> None:
    whole = estimate_leakage(trace(ends(one_sided=0), rows=2), alpha=0.98)
    partial = estimate_leakage(trace(ends(one_sided=1), rows=2), alpha=0.98)
    assert abs(partial.value) < 5 * (partial.error or 0.0)
    assert abs(whole.value) < 5 * (whole.error or 0.0)


def test_one_length_with_both_endings_shows_no_leakage() -> None:
    with pytest.raises(AnalysisError, match="same intended final state"):
        estimate_leakage(trace(ends(one_sided=3), rows=2), alpha=0.98)
