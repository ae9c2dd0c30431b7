"""Error of a fidelity from the library's benchmarking: it covers the variation between random sequences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from qdash_qubex.native.benchmarking import compute_sequence_influence, estimate_error

LENGTHS = 2 ** np.arange(12)


@pytest.mark.parametrize(
    ("sequences", "luck", "runs"),
    [
        (30, 0.3, 60),
        pytest.param(30, 0.3, 200, marks=pytest.mark.slow),
        *(pytest.param(*one, 200, marks=pytest.mark.release) for one in ((30, 0.0), (12, 0.5))),
    ],
)
def test_it_covers_whatever_sequences_have_in_common_along_a_decay(
    sequences: int, luck: float, runs: int
) -> None:
    """Each sequence has its own decay: its points lie on one side of the mean, and their scatter about it is
    uninformative.
    """
    rng = np.random.default_rng(sequences)
    pulls = []
    for _ in range(runs):
        lost = 1e-3 * np.exp(luck * rng.normal(size=sequences) - luck**2 / 2)
        shares = 0.49 * (1 - lost) ** LENGTHS[:, None] + 0.5
        trials = rng.binomial(1000, shares) / 1000
        found, _ = curve_fit(
            lambda m, a, p, c: a * p**m + c, LENGTHS, trials.mean(axis=1), p0=(0.5, 1.0, 0.5), bounds=(0, 1)
        )
        fit = dict(zip("ApC", found, strict=True))
        error = estimate_error(compute_sequence_influence({"n_cliffords": LENGTHS, "trials": trials}, fit))
        assert error is not None
        # A least-squares fit of a sum of decays is slightly biased from the mean of their constants, which is irrelevant here.
        pulls.append((fit["p"], error))
    p, error = np.array(pulls).T
    within = np.abs(p - p.mean()) < error
    # 68 %, with three times the scatter of the runs (3 % of 200), and a margin for few sequences.
    scatter = np.sqrt(0.68 * 0.32 / runs)
    assert 0.67 - 3 * scatter < within.mean() < 0.68 + 3 * scatter


def test_few_sequences_tell_no_error() -> None:
    assert estimate_error(np.linspace(-1.0, 1.0, 7)) is None
