"""Energy relaxation time, and coherence time of a Hahn echo: measured once, or repeatedly, as both fluctuate."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COHERENCE_JUMP,
    ENVELOPE,
    MEASUREMENT,
    PULSES,
    REPEATS,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Echo, Relaxation
from qdash_tasks.programs.cached_fits import fit_t1, fit_t2_echo
from qdash_tasks.programs.decay_window import DecayKind, explain_short_window, find_window, select_trace
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.fit_options import choose_envelope
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE, choose_t1_fit, require_long_interval
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.repeated_decay import average_results, draw_results, fit_each, measure_repeats
from qdash_tasks.programs.requested_sweeps import read_known_value, read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.decay_window import Fit
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.projection import Signal
    from qdash_tasks.programs.repeated_decay import RepeatedFits


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay(DecayKind):
    """Decay of a qubit.

    Attributes
    ----------
    convention
        Convention of its time.
    common_error
        Common error of repeated results, in error bars.
    """

    symbol: str
    axis: str
    text: str
    average_text: str
    choose_fit: Callable[[RawData], Fit]
    convention: str = ""
    common_error: float = 0.0

    def declare_time(self, description: str) -> OutputParameter:
        """Declare an output that is its time."""
        return OutputParameter(
            unit="us",
            description=description,
            convention=self.convention,
            minimum=0.0,
            positive=True,
            maximum=1e5,
            jump=COHERENCE_JUMP,
        )


T1 = Decay(
    name="t1",
    request=Relaxation,
    fit=fit_t1,
    symbol="T1",
    axis="Delay (µs)",
    text="energy relaxation time",
    average_text="mean of the energy relaxation time",
    choose_fit=choose_t1_fit,
)
"""X180, delay, readout."""
ECHO = Decay(
    name="t2_echo",
    request=Echo,
    fit=fit_t2_echo,
    symbol="T2 echo",
    axis="Total delay (µs)",
    text="1/e time of the echo over the total delay",
    average_text="mean 1/e time of the echo",
    choose_fit=lambda _: fit_t2_echo,
    convention="total delay",
    # Bias from an exponential towards a Gaussian of a trace that cannot separate the envelope shapes.
    common_error=0.25,
)
"""X90, half the delay, X180, half the delay, X90, readout."""


class CheckDecay(LaboratoryTask):
    """Decay over four and a half decay times, with its time known or searched over four decades.

    A subclass declares the decay.
    """

    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    fit_axes: ClassVar[Sequence[str]] = ("fine_delay",)
    feature_parameters = DECAY
    decay: ClassVar[Decay]

    def __init_subclass__(cls, *, decay: Decay | None = None, **given: Any) -> None:
        """Derive the declarations from the decay."""
        if decay is not None:
            cls.decay = decay
            cls.input_parameters = MappingProxyType(
                {**PULSES, decay.name: declare_optional_input("us", "sets the sweep window")}
            )
            cls.output_parameters = MappingProxyType(cls._declare_outputs(decay))
            texts = {
                "search": "search over the typical range of decay times",
                "fine": "window that resolves the decay",
            }
            if "repeats" in cls.run_parameters:
                texts["fine_*"] = "repetitions of the same window, numbered"
            reference = T1_TRACE if cls.relaxed else {}
            cls.traces = MappingProxyType(
                reference
                | {name: MeasurementDeclaration(decay.request, text) for name, text in texts.items()}
            )
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Measure T1 if the interval depends on it, find the window that resolves the decay, and repeat it."""
        parameters = self.context.parameters
        window = yield from find_window(
            self.decay,
            laboratory.limits,
            shots=parameters["shots"],
            asked_ns=read_requested_sweep(self.context, "time_range", fewest=6),
            known_us=read_known_value(self.context, self.decay.name),
        )
        yield from measure_repeats(
            self.decay,
            window,
            laboratory.limits,
            repeats=parameters.get("repeats", 1),
            shots=parameters["shots"],
        )
        return window.attributes

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; the result is its 1/e time."""
        _, fit = self._fit(require_complete(result))
        name = self.decay.name
        return TaskOutput({name: make_parameter(fit.parameters[name])}, r2=fit.r2, quality=make_quality(fit))

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_decay(raw, cls.decay.choose_fit(raw))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the result; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        return add_value_box(cls._draw(raw, output), cls, output)

    @classmethod
    def _declare_outputs(cls, decay: Decay) -> dict[str, OutputParameter]:
        return {decay.name: decay.declare_time(decay.text)}

    @classmethod
    def _draw(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against delay with its fit."""
        signal, fit = cls._fit(raw)
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        value = quantity(f"{output.parameters[cls.decay.name].value:.4g}", "us")
        return figure(f"{cls.decay.symbol} = {value}", cls.decay.axis, "Signal (a.u.)", data)

    @classmethod
    def _choose_fit(cls, raw: RawData) -> Fit:
        """Return the fit with the options of a refit; AnalysisError if the interval was too short."""
        if cls.relaxed:
            require_long_interval(raw)
        return choose_envelope(cls.decay.choose_fit(raw), raw)

    @classmethod
    def _fit(cls, raw: RawData) -> tuple[Signal, FitResult]:
        """Return the trace of the result and its fit, or raise `AnalysisError`."""
        fit = cls._choose_fit(raw)
        with explain_short_window(raw):
            (signal,) = project_signals(raw, (select_trace(raw),), x_name="delay")
            return signal, require_success(fit_signal(fit, signal))


class CheckDecayAverage(CheckDecay):
    """Repeated measurement of a decay over one window, as in `CheckDecay`, since its time fluctuates."""

    run_parameters = MappingProxyType({**CheckDecay.run_parameters, "repeats": REPEATS})
    fit_axes = ("fine_delay", "fine_*_delay")

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit each trace; return mean and scatter, with common residuals as part of the error."""
        fits = self._fit_each(require_complete(result))
        return average_results(self.decay.name, fits, common_error=self.decay.common_error)

    @classmethod
    def _declare_outputs(cls, decay: Decay) -> dict[str, OutputParameter]:
        scatter = OutputParameter(
            unit="us", description="standard deviation of the single measurements", minimum=0.0, maximum=1e5
        )
        return {f"{decay.name}_average": decay.declare_time(decay.average_text), f"{decay.name}_std": scatter}

    @classmethod
    def _draw(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single results by their number, and their mean."""
        return draw_results(cls.decay.name, cls.decay.symbol, cls._fit_each(raw).fits, output)

    @classmethod
    def _fit_each(cls, raw: RawData) -> RepeatedFits:
        return fit_each(raw, cls._choose_fit(raw))


class CheckT1(CheckDecay, decay=T1):
    """T1 trace.

    Shots start from an active reset by default. With passive reset an interval below five T1 distorts the
    trace: the fit then is the steady state of many shots, not an exponential.
    """

    name = "CheckT1"
    description = "Energy relaxation time, from the population after a π pulse and a delay."
    expected_s = 14.0


class CheckT1Average(CheckDecayAverage, decay=T1):
    """Repeated T1 measurement."""

    name = "CheckT1Average"
    description = "Mean of repeated T1 measurements and the fluctuation of the qubit between them."
    expected_s = 70.0


class CheckT2Echo(CheckDecay, decay=ECHO):
    """Hahn echo.

    Coupled qubits do not belong in one group: their ZZ is not refocused if both are echoed. With passive
    reset a T1 trace comes first and sets the interval; a given interval shorter than five T1 is rejected,
    because it distorts the echo too much.
    """

    name = "CheckT2Echo"
    description = "Coherence time of a Hahn echo against its total delay."
    expected_s = 14.0
    relaxed = True
    analysis_options = MappingProxyType(ENVELOPE)


class CheckT2EchoAverage(CheckDecayAverage, decay=ECHO):
    """Repeated Hahn echo measurement."""

    name = "CheckT2EchoAverage"
    description = "Mean of repeated Hahn echo measurements and the fluctuation of the qubit between them."
    expected_s = 86.0
    relaxed = True
    analysis_options = MappingProxyType(ENVELOPE)
