"""The error of a fidelity by the library's benchmarking covers what other random sequences would have given."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from qdash_qubex.native.benchmarking import error_of, pulled

LENGTHS = 2 ** np.arange(12)
RUNS = 200


@pytest.mark.parametrize(
    ("sequences", "luck"),
    [(30, 0.3), *(pytest.param(*one, marks=pytest.mark.slow) for one in ((30, 0.0), (12, 0.5)))],
)
def test_it_covers_whatever_sequences_have_in_common_along_a_decay(sequences: int, luck: float) -> None:
    """Each sequence has a decay of its own: its points lie on one side of the mean, and their scatter about it tells nothing."""
    rng = np.random.default_rng(sequences)
    pulls = []
    for _ in range(RUNS):
        lost = 1e-3 * np.exp(luck * rng.normal(size=sequences) - luck**2 / 2)
        shares = 0.49 * (1 - lost) ** LENGTHS[:, None] + 0.5
        trials = rng.binomial(1000, shares) / 1000
        found, _ = curve_fit(
            lambda m, a, p, c: a * p**m + c, LENGTHS, trials.mean(axis=1), p0=(0.5, 1.0, 0.5), bounds=(0, 1)
        )
        fit = dict(zip("ApC", found, strict=True))
        error = error_of(pulled({"n_cliffords": LENGTHS, "trials": trials}, fit))
        assert error is not None
        # Least squares of a sum of decays lie a little beside the mean of their constants; by how much is not the point here.
        pulls.append((fit["p"], error))
    p, error = np.array(pulls).T
    within = np.abs(p - p.mean()) < error
    # 68 %, with the scatter of 200 runs (3 %) three times, and what few sequences lack.
    assert 0.57 < within.mean() < 0.78


def test_few_sequences_tell_no_error() -> None:
    assert error_of(np.linspace(-1.0, 1.0, 7)) is None
