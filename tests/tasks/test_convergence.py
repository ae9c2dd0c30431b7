"""Convergence of an iteration: the last correction is below its own error."""

from __future__ import annotations

import math

import pytest

from qdash_core.errors import AnalysisError
from qdash_tasks.programs.convergence import CHECK_TONES, Correction, has_converged, require_converged

from ..case_tables import each_case


def correction(value: float, error: float | None, negligible: float = 0.0) -> Correction:
    return Correction(name="ZY", value=value, error=error, unit="MHz", negligible=negligible)


@each_case(
    ("value", "error", "negligible", "converged"),
    [
        (0.02, 0.01, 0.0, True),
        (-0.03, 0.01, 0.0, False),
        (-0.03, 0.01, 0.05, True),
        (0.03, None, 0.05, True),
        (0.06, None, 0.05, False),
        (0.03, math.inf, 0.0, False),
    ],
)
def test_a_correction_within_its_error_or_too_small_to_matter_ends_the_iteration(
    value: float, error: float | None, negligible: float, converged: bool
) -> None:
    assert has_converged([correction(0.0, 0.01), correction(value, error, negligible)]) is converged


def test_what_was_the_last_step_by_the_search_is_accepted_by_the_analysis_with_a_slightly_smaller_error() -> (
    None
):
    assert has_converged([correction(0.0249, 0.01)])
    require_converged([correction(0.0249, 0.0065)], advice=CHECK_TONES)


def test_the_message_names_what_did_not_converge_its_size_and_the_check() -> None:
    with pytest.raises(AnalysisError) as refused:
        require_converged([correction(0.0, 0.01), correction(1.02, 0.004)], advice=CHECK_TONES)
    assert "ZY is off by 1.02 ± 0.004\N{NO-BREAK SPACE}MHz" in str(refused.value)
    assert "`qdash lab check CHIP --all --only cross_resonance`" in str(refused.value)
