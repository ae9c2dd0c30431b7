"""Energy relaxation: how long the qubit stays in |1>."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks import declarations
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.programs.cached_fits import fit_t1
from qdash_tasks.programs.decay import DecayTask
from qdash_tasks.programs.passive_reset import steady_state_t1_fit
from qdash_tasks.programs.repeated_decay import AverageTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.programs.sweep_rounds import Sweep


class T1Task(DecayTask):
    """X180, delay, readout.

    Shots start from an active reset by default. Waiting for less than five T1 bends the trace: what is fitted then is
    the steady state of many shots, not an exponential (`steady_state_t1_fit`).
    """

    fit = staticmethod(fit_t1)
    decay_name = "t1"
    symbol = "T1"

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return Relaxation(sweep.x)

    @classmethod
    def fit_as_recorded(cls, raw: RawData) -> Callable[..., FitResult]:
        """Fit what the recorded reset makes of a decay."""
        repetition = Repetition.recorded_in(raw.attributes)
        return cls.fit if repetition.reset == "active" else steady_state_t1_fit(repetition.interval_us)


class CheckT1(T1Task, declarations.CheckT1):
    """One T1 trace."""

    expected_s = 14.0


class CheckT1Average(AverageTask, T1Task, declarations.CheckT1Average):
    """Many T1 traces, one after the other."""

    expected_s = 70.0
