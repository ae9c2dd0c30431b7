"""Hahn echo: how long the qubit's phase lasts when slow noise is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from qdash_core.tasks import standard
from qdash_fake.tasks.decay import DecayTask
from qdash_fake.tasks.decay_average import AverageTask
from qdash_fake.tasks.remembered import fit_t2_echo
from qdash_fake.tasks.waited import reference_t1, require_long_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_fake.repetition import Shots
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.decay_window import Window
    from qdash_fake.tasks.rounds import Sweep
    from qdash_fake.trace import Trace


class EchoTask(DecayTask):
    """X90, half the delay, X180, half the delay, X90, readout.

    Coupled qubits do not belong in one group: their ZZ is not refocused when both are echoed. With passive reset a T1
    trace comes first, and an interval of less than five T1 is refused: it bends the echo beyond use.
    """

    fit = staticmethod(fit_t2_echo)
    decay_name = "t2_echo"
    symbol = "T2 echo"
    axis = "total delay (us)"

    def look(self) -> Generator[Sweep, Trace, Window]:
        """Learn T1 where the wait must be judged by it, then look for the decay."""
        yield from reference_t1(self.repetition, self.context.parameters["shots"])
        return (yield from super().look())

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]
    ) -> Mapping[str, Trace]:
        """Measure one echo trace of each qubit."""
        delays = {qid: sweep.x for qid, sweep in sweeps.items()}
        return session.t2_echo(delays, **how)

    @classmethod
    def fit_as_recorded(cls, raw: RawData) -> Callable[..., FitResult]:
        """Refuse what too short a wait has bent."""
        require_long_wait(raw)
        return cls.fit


class CheckT2Echo(EchoTask, standard.CheckT2Echo):
    """One echo trace."""

    expected_s = 14.0


class CheckT2EchoAverage(AverageTask, EchoTask, standard.CheckT2EchoAverage):
    """Many echo traces, one after the other."""

    expected_s = 86.0
    # A trace that cannot tell the shapes of the envelope apart leans by so much from an exponential to a Gaussian one.
    common_error = 0.25
