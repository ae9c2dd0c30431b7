"""Coherence time of a Hahn echo: X90, half the delay, X180, half the delay, X90, readout."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COHERENCE_JUMP,
    ENVELOPE,
    MEASUREMENT,
    PULSES,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Echo
from qdash_tasks.programs.cached_fits import fit_t2_echo
from qdash_tasks.programs.decay_window import DecayKind, explain_short_window, find_window, select_trace
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.fit_options import choose_envelope
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE, require_long_interval
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_known_value, read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.projection import Signal

ECHO = DecayKind("t2_echo", Echo, fit_t2_echo)


class CheckT2Echo(LaboratoryTask):
    """Hahn echo over four and a half decay times, with T2 known or searched over four decades.

    Coupled qubits do not belong in one group: their ZZ is not refocused if both are echoed. With passive
    reset a T1 trace comes first and sets the interval; a given interval shorter than five T1 is rejected,
    because it distorts the echo too much.
    """

    name = "CheckT2Echo"
    description = "Coherence time of a Hahn echo against its total delay."
    expected_s = 14.0
    relaxed = True
    input_parameters = MappingProxyType(
        {**PULSES, "t2_echo": declare_optional_input("us", "sets the sweep window")}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "t2_echo": OutputParameter(
                unit="us",
                description="1/e time of the echo over the total delay",
                convention="total delay",
                minimum=0.0,
                positive=True,
                jump=COHERENCE_JUMP,
                maximum=1e5,
            )
        }
    )
    analysis_options = MappingProxyType(ENVELOPE)
    fit_axes = ("fine_delay",)
    feature_parameters = DECAY
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "search": MeasurementDeclaration(Echo, "search over the typical range of decay times"),
            "fine": MeasurementDeclaration(Echo, "window that resolves the decay"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure T1 if the interval depends on it, then find the window that resolves the decay."""
        asked_ns = read_requested_sweep(self.context, "time_range", fewest=6)
        window = yield from find_window(
            ECHO,
            laboratory.limits,
            shots=self.context.parameters["shots"],
            asked_ns=asked_ns,
            known_us=read_known_value(self.context, "t2_echo"),
        )
        return window.attributes

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; the result is its 1/e time."""
        _, fit = fit_decay(require_complete(result))
        return TaskOutput(
            {"t2_echo": make_parameter(fit.parameters["t2_echo"])}, r2=fit.r2, quality=make_quality(fit)
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_decay(raw, fit_t2_echo)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against delay with its fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        signal, fit = fit_decay(raw)
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        value = quantity(f"{output.parameters['t2_echo'].value:.4g}", "us")
        return add_value_box(
            figure(f"T2 echo = {value}", "Total delay (µs)", "Signal (a.u.)", data), cls, output
        )


def fit_decay(raw: RawData) -> tuple[Signal, FitResult]:
    """Return the trace of the result and its fit, or raise `AnalysisError`."""
    require_long_interval(raw)
    with explain_short_window(raw):
        (signal,) = project_signals(raw, (select_trace(raw),), x_name="delay")
        return signal, require_success(fit_signal(choose_envelope(fit_t2_echo, raw), signal))
