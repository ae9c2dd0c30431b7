"""Hahn echo: how long the qubit's phase lasts when slow noise is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_analysis import fit_t2_echo
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


class CheckT2Echo(RoundsTask, standard.CheckT2Echo):
    """X90, half the delay, X180, half the delay, X90, readout.

    Coupled qubits do not belong in one group: their ZZ is not refocused when both are echoed.
    """

    def program(self, session: TwinSession) -> Program:  # noqa: ARG002  nothing in use decides the window
        """Search over four decades, then four and a half decay times."""
        parameters = self.context.parameters
        return decay_program(
            fit_t2_echo, "t2_echo", shots=parameters["shots"], time_range_ns=parameters["time_range"]
        )

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one echo trace of each qubit."""
        delays = {qid: sweep.x for qid, sweep in sweeps.items()}
        return session.t2_echo(delays, shots=shots, interval_us=waiting.interval_us, reset=waiting.reset)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; T2 is its 1/e time whatever its shape."""
        _, fit = _fitted(require_complete(result))
        return TaskOutput({"t2_echo": parameter(fit.parameters["t2_echo"])}, r2=fit.r2, quality=quality(fit))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against total delay."""
        signal, fit = _fitted(raw)
        found = output.parameters["t2_echo"]
        title = f"T2 echo = {found.value:.4g} ± {found.error or float('nan'):.2g} us"
        return figure(
            title,
            "total delay (us)",
            "signal (a.u.)",
            [points("measured", signal), curve("fit", fit.predict, signal.x)],
        )


def _fitted(raw: RawData) -> tuple[Signal, FitResult]:
    (signal,) = signals(raw, (sweep_to_fit(raw.arrays),), x_name="delay")
    return signal, require(fit_t2_echo(signal.x, signal.y, sigma=signal.sigma))
