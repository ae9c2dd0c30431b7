"""Hahn echo: how long the qubit's phase lasts when slow noise is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks import declarations
from qdash_tasks.laboratory.requests import Echo
from qdash_tasks.programs.cached_fits import fit_t2_echo
from qdash_tasks.programs.decay import DecayTask
from qdash_tasks.programs.passive_reset import require_long_interval, t1_reference
from qdash_tasks.programs.repeated_decay import AverageTask

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.decay_window import Window
    from qdash_tasks.programs.sweep_rounds import Sweep


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
        yield from t1_reference(self.repetition, self.context.parameters["shots"])
        return (yield from super().look())

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return Echo(sweep.x)

    @classmethod
    def fit_as_recorded(cls, raw: RawData) -> Callable[..., FitResult]:
        """Refuse what too short a wait has bent."""
        require_long_interval(raw)
        return cls.fit


class CheckT2Echo(EchoTask, declarations.CheckT2Echo):
    """One echo trace."""

    expected_s = 14.0


class CheckT2EchoAverage(AverageTask, EchoTask, declarations.CheckT2EchoAverage):
    """Many echo traces, one after the other."""

    expected_s = 86.0
    # A trace that cannot tell the shapes of the envelope apart leans by so much from an exponential to a Gaussian one.
    common_error = 0.25
