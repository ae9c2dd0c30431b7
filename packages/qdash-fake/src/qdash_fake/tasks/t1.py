"""Energy relaxation: how long the qubit stays in |1>."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_analysis import fit_t1
from qdash_core.tasks import standard
from qdash_fake.tasks.decay import DecayTask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Sweep, Waiting
    from qdash_fake.trace import Trace


class CheckT1(DecayTask, standard.CheckT1):
    """X180, delay, readout.

    Shots start from an active reset by default: waiting for less than five T1 bends the trace (see `physics.reset`).
    """

    fit = staticmethod(fit_t1)
    symbol = "T1"

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one T1 trace of each qubit."""
        delays = {qid: sweep.x for qid, sweep in sweeps.items()}
        return session.t1(delays, shots=shots, interval_us=waiting.interval_us, reset=waiting.reset)
