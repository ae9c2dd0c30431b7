"""Comparison of several models for one trace: their weights and their weighted mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Trace
    from qdash_analysis.solution import Solution

_COST = 1.0
_NEGLIGIBLE = 1e-6
"""Weight below which a model is left out: it changes means and errors by less than this."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Model that may explain the trace."""

    name: str
    solution: Solution
    weight: float


def weight_models(trace: Trace, solutions: dict[str, Solution]) -> list[Candidate]:
    """Return the models with their weights, the best first.

    The weights are exp(-chi² / 2), less a factor e^(1/2) for each parameter. A stricter criterion, such as the Bayesian
    one, keeps the simpler model although the other is true, with errors that are too small.
    """
    best = min(solutions.values(), key=lambda solution: solution.chi2)
    # Data without noise leave a best chi² of rounding errors: the ratios only need to stay finite.
    worst = max(solution.chi2 for solution in solutions.values())
    variance = max(best.chi2 / best.dof, 1e-30 * worst, np.finfo(float).tiny)
    if trace.sigma_known:
        variance = max(variance, 1.0)
    costs = {
        name: solution.chi2 / variance + _COST * solution.parameters for name, solution in solutions.items()
    }
    least = min(costs.values())
    beliefs = {name: float(np.exp(-(cost - least) / 2)) for name, cost in costs.items()}
    total = sum(beliefs.values())
    found = [
        Candidate(name, solutions[name], belief / total)
        for name, belief in beliefs.items()
        if belief > _NEGLIGIBLE * total
    ]
    return sorted(found, key=lambda candidate: -candidate.weight)


def average_models(values: list[float], errors: list[float], weights: list[float]) -> tuple[float, float]:
    """Return the mean of several models; its variance is their own plus their spread, as that of a mixture."""
    share = np.asarray(weights) / np.sum(weights)
    mean = float(share @ np.asarray(values))
    variance = share @ (np.asarray(errors) ** 2 + (np.asarray(values) - mean) ** 2)
    return mean, float(np.sqrt(variance))
