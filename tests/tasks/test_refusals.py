"""Kinds of refusals of the standard tasks: noise alone, or another reason."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_analysis import fit_t1
from qdash_core.errors import AnalysisError, NoSignalError
from qdash_core.models.raw_data import RawData
from qdash_tasks.programs.drag_search import fit_pairs
from qdash_tasks.programs.estimates import make_refusal, require_success

NOISE = np.random.default_rng(1)
X = np.linspace(0, 100, 41)


def test_a_fit_of_noise_raises_that_there_is_no_signal() -> None:
    with pytest.raises(NoSignalError, match="no decay above the noise"):
        require_success(fit_t1(X, NOISE.normal(size=41), sigma=np.ones(41)))


def test_a_decay_longer_than_the_window_is_not_determined() -> None:
    fit = fit_t1(X, 1 - X / 1000 + 0.003 * NOISE.normal(size=41))
    with pytest.raises(AnalysisError) as refused:
        require_success(fit)
    assert not isinstance(refused.value, NoSignalError)


def test_several_fits_show_no_signal_only_if_none_does() -> None:
    noise, line = fit_t1(X, NOISE.normal(size=41)), fit_t1(X, 1 - X / 1000 + 0.003 * NOISE.normal(size=41))
    assert isinstance(make_refusal("no decay", noise, noise), NoSignalError)
    assert not isinstance(make_refusal("no decay", noise, line), NoSignalError)


def test_a_flat_trace_of_drag_pulses_is_no_absent_signal() -> None:
    """Pulses that need no correction return the qubit to |0> for each coefficient."""
    beta, sigma = np.linspace(-1, 1, 21), np.full(21, 0.01 + 0.01j)
    arrays = {}
    for name in ("fewer", "more"):
        iq = 1 + 0.01 * (NOISE.normal(size=21) + 1j * NOISE.normal(size=21))
        arrays |= {f"{name}_beta": (beta, "ns"), f"{name}_iq": (iq, "a.u."), f"{name}_sigma": (sigma, "a.u.")}
        arrays |= {f"{name}_covariance": (np.zeros(21), "a.u.")}
    with pytest.raises(AnalysisError) as refused:
        fit_pairs(RawData(arrays, {"pairs": [1, 4]}))
    assert not isinstance(refused.value, NoSignalError)
