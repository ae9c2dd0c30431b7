"""Energy relaxation time: X180, delay, readout."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COHERENCE_JUMP,
    MEASUREMENT,
    PULSES,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.programs.cached_fits import fit_t1
from qdash_tasks.programs.decay_window import DecayKind, explain_short_window, find_window, select_trace
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import choose_t1_fit
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

T1 = DecayKind("t1", Relaxation, fit_t1)


class CheckT1(LaboratoryTask):
    """T1 trace over four and a half decay times, with T1 known or searched over four decades.

    Shots start from an active reset by default. With passive reset an interval below five T1 distorts the
    trace: the fit then is the steady state of many shots, not an exponential.
    """

    name = "CheckT1"
    description = "Energy relaxation time, from the population after a π pulse and a delay."
    expected_s = 14.0
    input_parameters = MappingProxyType(
        {**PULSES, "t1": declare_optional_input("us", "sets the sweep window")}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "t1": OutputParameter(
                unit="us",
                description="energy relaxation time",
                minimum=0.0,
                positive=True,
                maximum=1e5,
                jump=COHERENCE_JUMP,
            )
        }
    )
    fit_axes = ("fine_delay",)
    feature_parameters = DECAY
    traces = MappingProxyType(
        {
            "search": MeasurementDeclaration(Relaxation, "search over the typical range of decay times"),
            "fine": MeasurementDeclaration(Relaxation, "window that resolves the decay"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Find the window that resolves the decay."""
        window = yield from find_window(
            T1,
            laboratory.limits,
            shots=self.context.parameters["shots"],
            asked_ns=read_requested_sweep(self.context, "time_range", fewest=6),
            known_us=read_known_value(self.context, "t1"),
        )
        return window.attributes

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the decay; the result is its 1/e time."""
        _, fit = fit_decay(require_complete(result))
        return TaskOutput({"t1": make_parameter(fit.parameters["t1"])}, r2=fit.r2, quality=make_quality(fit))

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_decay(raw, choose_t1_fit(raw))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against delay with its fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        signal, fit = fit_decay(raw)
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        value = quantity(f"{output.parameters['t1'].value:.4g}", "us")
        return add_value_box(figure(f"T1 = {value}", "Delay (µs)", "Signal (a.u.)", data), cls, output)


def fit_decay(raw: RawData) -> tuple[Signal, FitResult]:
    """Return the trace of the result and its fit, or raise `AnalysisError`."""
    with explain_short_window(raw):
        (signal,) = project_signals(raw, (select_trace(raw),), x_name="delay")
        return signal, require_success(fit_signal(choose_t1_fit(raw), signal))
