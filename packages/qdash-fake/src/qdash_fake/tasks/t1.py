"""Energy relaxation: how long the qubit stays in |1>."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_analysis import fit_t1
from qdash_core.tasks import standard
from qdash_fake.tasks.decay import DecayTask
from qdash_fake.tasks.decay_window import sweep_to_fit
from qdash_fake.tasks.estimates import require
from qdash_fake.tasks.projection import signals
from qdash_fake.tasks.rounds import Waiting, measure_t1
from qdash_fake.tasks.waited import fit_waited_t1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.tasks.base import RawData
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.projection import Signal
    from qdash_fake.tasks.rounds import Sweep
    from qdash_fake.trace import Trace


class CheckT1(DecayTask, standard.CheckT1):
    """X180, delay, readout.

    Shots start from an active reset by default. Waiting for less than five T1 bends the trace: what is fitted then is
    the steady state of many shots, not an exponential (`fit_waited_t1`).
    """

    fit = staticmethod(fit_t1)
    symbol = "T1"

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one T1 trace of each qubit."""
        return measure_t1(session, sweeps, shots=shots, waiting=waiting)

    @classmethod
    def fitted(cls, raw: RawData) -> tuple[Signal, FitResult]:
        """Fit what the recorded reset makes of a decay."""
        waiting = Waiting.recorded_in(raw)
        if waiting.reset == "active":
            return super().fitted(raw)
        (signal,) = signals(raw, (sweep_to_fit(raw.arrays),), x_name=cls.x_name)
        return signal, require(fit_waited_t1(signal, waiting.interval_us))
