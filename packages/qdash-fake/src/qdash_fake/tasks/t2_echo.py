"""Hahn echo: how long the qubit's phase lasts when slow noise is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_analysis import fit_t2_echo
from qdash_core.tasks import standard
from qdash_fake.tasks.decay import DecayTask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Sweep, Waiting
    from qdash_fake.trace import Trace


class CheckT2Echo(DecayTask, standard.CheckT2Echo):
    """X90, half the delay, X180, half the delay, X90, readout.

    Coupled qubits do not belong in one group: their ZZ is not refocused when both are echoed.
    """

    fit = staticmethod(fit_t2_echo)
    symbol = "T2 echo"
    axis = "total delay (us)"

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one echo trace of each qubit."""
        delays = {qid: sweep.x for qid, sweep in sweeps.items()}
        return session.t2_echo(delays, shots=shots, interval_us=waiting.interval_us, reset=waiting.reset)
