"""Contract tests of noise: stated errors match the scatter of repetitions, and single shots match the means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.contract.base import LaboratoryContractBase
from qdash_tasks.laboratory.contract.samples import make_samples
from qdash_tasks.laboratory.contract.scatter import compute_reduced_chi2
from qdash_tasks.laboratory.pair_requests import CrossResonance
from qdash_tasks.laboratory.requests import Rabi, ReadoutScan, Relaxation, SingleShots
from qdash_tasks.laboratory.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request

_REPETITIONS = 40
_HONEST = (0.5, 2.0)
"""Limits of a reduced chi-square with at least 39 x 3 degrees of freedom: four standard deviations down,
eight up.
"""
_FAR = 8.0
"""Distance, in standard errors, that two means of equally many shots never reach."""


class NoiseContract(LaboratoryContractBase):
    """Contract tests of stated errors."""

    specification = True

    def test_equal_measurements_scatter_by_the_errors_that_they_give(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                request = _make_averaged_request(laboratory, target)
                most = laboratory.limits.points_a_call or math.inf
                size = int(max(2, min(_REPETITIONS, most // request.points)))
                calls = math.ceil(_REPETITIONS / size)
                batches = [self._measure_traces(laboratory, target, *[request] * size) for _ in range(calls)]
                for along, found in compute_reduced_chi2(batches).items():
                    assert _HONEST[0] < found < _HONEST[1], (
                        f"{type(request).__name__} of {target}: along {along} equal measurements scatter by "
                        f"{math.sqrt(max(found, 0.0)):.2g} times their stated error: {_explain_scatter(along, found)}"
                    )

    def test_single_shots_have_the_mean_that_is_answered_for_it(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            if not (laboratory.supports(ReadoutScan) and laboratory.supports(SingleShots)):
                return
            for qid in (one for one in self.targets if one in laboratory.settings):
                x = np.array([laboratory.settings[qid].readout_frequency_ghz])
                batch = [ReadoutScan(x, state=0), SingleShots(0)]
                mean, record = self._measure_answers(laboratory, {qid: batch})[qid]
                assert isinstance(mean, Trace)
                off, error = record.iq.mean() - mean.iq[0], mean.sigma[0]
                near = abs(off.real) < _FAR * error.real and abs(off.imag) < _FAR * error.imag
                assert near, (
                    f"qubit {qid} in |0>: single shots have the mean {record.iq.mean():.4g}, the averaged measurement gives {mean.iq[0]:.4g}: check that both have the same unit and the same IQ plane"
                )


def _make_averaged_request(laboratory: Laboratory, target: str) -> Request:
    """Return a request for means, if possible one whose shots scatter between both states."""
    means = [one for one in make_samples(laboratory, target) if not one.single_shots and one.points > 2]
    return next((one for one in means if isinstance(one, Relaxation | Rabi | CrossResonance)), means[0])


def _explain_scatter(along: str, found: float) -> str:
    if along not in ("I", "Q"):
        return "the covariance of I and Q is wrong"
    if found < 1:
        return "the same answer may have been returned again, or sigma is the scatter of single shots instead of that of their mean"
    return "sigma may not be that of the mean of all shots, or something other than noise changes from shot to shot"
