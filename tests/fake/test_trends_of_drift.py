"""Trends of quantities that drift as those of a twin: change points are jumps, not drift."""

from __future__ import annotations

import pytest

from ..analysis.trends.simulated_series import score_pages
from .drift_series import make_drift_page


@pytest.mark.parametrize(
    "interval_s",
    [
        pytest.param(86400.0, id="a day apart"),
        pytest.param(7200.0, id="two hours", marks=pytest.mark.slow),
        pytest.param(1200.0, id="twenty minutes", marks=pytest.mark.slow),
    ],
)
def test_at_most_a_twentieth_of_the_change_points_of_a_drifting_chip_are_false(interval_s: float) -> None:
    pages = [make_drift_page(seed, interval_s=interval_s, qubits=16) for seed in range(2)]
    assert score_pages(pages).false_share <= 0.05


def test_jumps_beyond_the_drift_are_found() -> None:
    score = score_pages([make_drift_page(0, interval_s=86400.0, share=0.2, qubits=32)])
    assert score.steps >= 6
    assert score.found >= 0.9 * score.steps
