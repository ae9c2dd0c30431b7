"""What T1 and echo share: a decay with an unknown time, measured over a window that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.tasks.base import RawData, TaskOutput
from qdash_fake.tasks.decay_window import decay_program, sweep_to_fit
from qdash_fake.tasks.estimates import parameter, quality, require
from qdash_fake.tasks.plots import curve, figure, points
from qdash_fake.tasks.projection import Signal, fit_signal, signals
from qdash_fake.tasks.rounds import RoundsTask, require_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Program


class DecayTask(RoundsTask):
    """A task whose only output is the time of a decay."""

    fit: ClassVar[Callable[..., FitResult]]
    """The fit; its parameter has the name of the output."""
    symbol: ClassVar[str]
    axis: ClassVar[str] = "delay (us)"

    def program(self, session: TwinSession) -> Program:  # noqa: ARG002  nothing in use decides the window
        """Search over four decades, then four and a half decay times."""
        parameters = self.context.parameters
        return decay_program(
            type(self).fit, self.output(), shots=parameters["shots"], time_range_ns=parameters["time_range"]
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; the result is its 1/e time."""
        _, fit = self.fitted(require_complete(result))
        found = parameter(fit.parameters[self.output()])
        return TaskOutput({self.output(): found}, r2=fit.r2, quality=quality(fit))

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against delay."""
        signal, fit = cls.fitted(raw)
        found = output.parameters[cls.output()]
        title = f"{cls.symbol} = {found.value:.4g} ± {found.error or float('nan'):.2g} us"
        data = [points("measured", signal), curve("fit", fit.predict, signal.x)]
        return figure(title, cls.axis, "signal (a.u.)", data)

    @classmethod
    def output(cls) -> str:
        """Return the name of the only output."""
        (name,) = cls.output_parameters
        return name

    @classmethod
    def fitted(cls, raw: RawData) -> tuple[Signal, FitResult]:
        """Return the trace that holds the result and its fit, or raise `AnalysisError`."""
        (signal,) = signals(raw, (sweep_to_fit(raw.arrays),), x_name=cls.x_name)
        return signal, require(fit_signal(cls.fit, signal))
