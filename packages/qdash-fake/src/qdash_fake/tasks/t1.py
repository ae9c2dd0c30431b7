"""Energy relaxation: how long the qubit stays in |1>."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_analysis import fit_t1
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_fake.tasks.decay_window import decay_program, sweep_to_fit
from qdash_fake.tasks.estimates import parameter, quality, require
from qdash_fake.tasks.plots import curve, figure, points
from qdash_fake.tasks.projection import Signal, signals
from qdash_fake.tasks.rounds import RoundsTask, require_complete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Program, Sweep, Waiting
    from qdash_fake.trace import Trace


class CheckT1(RoundsTask, standard.CheckT1):
    """X180, delay, readout.

    Shots start from an active reset by default: waiting for less than five T1 bends the trace (see `physics.reset`).
    """

    def program(self, session: TwinSession) -> Program:  # noqa: ARG002  nothing in use decides the window
        """Search over four decades, then four and a half decay times."""
        parameters = self.context.parameters
        return decay_program(fit_t1, "t1", shots=parameters["shots"], time_range_ns=parameters["time_range"])

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one T1 trace of each qubit."""
        delays = {qid: sweep.x for qid, sweep in sweeps.items()}
        return session.t1(delays, shots=shots, interval_us=waiting.interval_us, reset=waiting.reset)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit an exponential; T1 is its time."""
        _, fit = _fitted(require_complete(result))
        return TaskOutput({"t1": parameter(fit.parameters["t1"])}, r2=fit.r2, quality=quality(fit))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against delay."""
        signal, fit = _fitted(raw)
        found = output.parameters["t1"]
        title = f"T1 = {found.value:.4g} ± {found.error or float('nan'):.2g} us"
        return figure(
            title,
            "delay (us)",
            "signal (a.u.)",
            [points("measured", signal), curve("fit", fit.predict, signal.x)],
        )


def _fitted(raw: RawData) -> tuple[Signal, FitResult]:
    (signal,) = signals(raw, (sweep_to_fit(raw.arrays),), x_name="delay")
    return signal, require(fit_t1(signal.x, signal.y, sigma=signal.sigma))
