"""Energy relaxation: how long the qubit stays in |1>."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from qdash_tasks import declarations
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.programs.cached_fits import fit_t1
from qdash_tasks.programs.decay import DecayTask
from qdash_tasks.programs.passive_reset import steady_state_t1_fit
from qdash_tasks.programs.repeated_decay import AverageTask
from qdash_tasks.programs.rounds import measure_t1

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.shots import Shots
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.rounds import Sweep


class T1Task(DecayTask):
    """X180, delay, readout.

    Shots start from an active reset by default. Waiting for less than five T1 bends the trace: what is fitted then is
    the steady state of many shots, not an exponential (`steady_state_t1_fit`).
    """

    fit = staticmethod(fit_t1)
    decay_name = "t1"
    symbol = "T1"

    @classmethod
    def measure(
        cls, session: Session, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]
    ) -> Mapping[str, Trace]:
        """Measure one T1 trace of each qubit."""
        return measure_t1(session, sweeps, **how)

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
