"""What T1 and echo share: a decay with an unknown time, measured over a window that shows it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.programs.decay_window import Decay, Window, find_window, sweep_to_fit
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.projection import Signal, fit_signal, signals
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program, Sweep


class DecayTask(RoundsTask):
    """A task that measures the time of a decay."""

    fewest_points = MappingProxyType({"time_range": 6})

    fit: ClassVar[Callable[..., FitResult]]
    """The fit; its parameter is called `decay_name`."""
    decay_name: ClassVar[str]
    """Also the input under which the last result may be known."""
    symbol: ClassVar[str]
    axis: ClassVar[str] = "delay (us)"

    def sweeps(self, session: Session) -> Program:  # noqa: ARG002  nothing in use decides the window
        """Measure over four and a half decay times: the known one's, or what a search over four decades finds."""
        window = yield from self.look()
        return {"window": window.chosen}

    def look(self) -> Generator[Sweep, Trace, Window]:
        """Find the window that shows the decay."""
        parameters, known = self.context.parameters, self.context.inputs.get(self.decay_name)
        return find_window(
            Decay(type(self).fit, self.decay_name),
            shots=parameters["shots"],
            asked_ns=self.asked("time_range"),
            known_us=None if known is None or known.value <= 0 else known.value,
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; the result is its 1/e time."""
        _, fit = self.fitted(require_complete(result))
        found = parameter(fit.parameters[self.decay_name])
        return TaskOutput({self.decay_name: found}, r2=fit.r2, quality=quality(fit))

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against delay."""
        signal, fit = cls.fitted(raw)
        found = output.parameters[cls.decay_name]
        title = f"{cls.symbol} = {found.value:.4g} us"
        data = [points("measured", signal), curve("fit", fit.predict, signal.x)]
        return figure(title, cls.axis, "signal (a.u.)", data)

    @classmethod
    def fitted(cls, raw: RawData) -> tuple[Signal, FitResult]:
        """Return the trace that holds the result and its fit, or raise `AnalysisError`."""
        fit = cls.fit_as_recorded(raw)
        (signal,) = signals(raw, (sweep_to_fit(raw.arrays),), x_name=cls.x_name)
        return signal, require(fit_signal(fit, signal))

    @classmethod
    def fit_as_recorded(cls, raw: RawData) -> Callable[..., FitResult]:  # noqa: ARG003
        """Return the fit for how the shots of `raw` followed each other, or raise `AnalysisError`."""
        return cls.fit
