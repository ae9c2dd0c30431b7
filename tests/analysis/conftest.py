"""Simulated laboratories, and the check of honest error bars, for the tests of the fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import pytest

from qdash_analysis import FitResult

Simulation = Callable[[np.random.Generator], tuple[FitResult, dict[str, float]]]


class HonestyCheck(Protocol):
    def __call__(self, simulate: Simulation, names: Sequence[str], *, traces: int = 150) -> None: ...


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240607)


@pytest.fixture(params=[pytest.param(40, id="few"), pytest.param(150, id="many", marks=pytest.mark.release)])
def assert_honest(rng: np.random.Generator, request: pytest.FixtureRequest) -> HonestyCheck:
    """Return a check of estimates and error bars of many simulated traces against the truth.

    For n independent traces the share within k errors scatters by sqrt(p (1 - p) / n), p = 0.683 and 0.954: for 150
    traces 0.038 and 0.017. Some hundred such checks are made, so 3.5 of these are allowed: 0.55 to 0.82, and above
    0.89. The mean pull of honest errors scatters by 1 / sqrt(n) = 0.08; skewness of times and widths at low contrast
    shifts it, so half an error is allowed. The quick tests do with 40 traces, which scatter by twice as much.
    """
    enough: int = request.param

    def check(simulate: Simulation, names: Sequence[str], *, traces: int = 150) -> None:
        traces = min(traces, enough)
        pulls: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(traces):
            result, truth = simulate(rng)
            assert result.success, result.message
            for name in names:
                estimate = result.parameters[name]
                assert estimate.error is not None
                pulls[name].append((estimate.value - truth[name]) / estimate.error)
        for name, values in pulls.items():
            pull = np.abs(values)
            one, two = np.mean(pull < 1), np.mean(pull < 2)
            margin_one, margin_two = (3.5 * np.sqrt(p * (1 - p) / traces) for p in (0.683, 0.954))
            assert abs(one - 0.683) < margin_one, f"{name}: {one:.3f} within one error"
            assert two > 0.954 - margin_two, f"{name}: {two:.3f} within two errors"
            assert abs(np.mean(values)) < 0.5, f"{name}: mean pull {np.mean(values):.2f}"

    return check
