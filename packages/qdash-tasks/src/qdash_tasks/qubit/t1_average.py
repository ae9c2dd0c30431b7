"""Repeated T1 measurement: the mean, and the fluctuation of the qubit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COHERENCE_JUMP,
    MEASUREMENT,
    PULSES,
    REPEATS,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.programs.decay_window import find_window
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import choose_t1_fit
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.repeated_decay import average_results, draw_results, fit_each, measure_repeats
from qdash_tasks.programs.requested_sweeps import read_known_value, read_requested_sweep
from qdash_tasks.qubit.t1 import T1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program


class CheckT1Average(LaboratoryTask):
    """Repeated T1 measurement over one window, as in CheckT1, since T1 fluctuates."""

    name = "CheckT1Average"
    description = "Mean of repeated T1 measurements and the fluctuation of the qubit between them."
    expected_s = 70.0
    input_parameters = MappingProxyType(
        {**PULSES, "t1": declare_optional_input("us", "sets the sweep window")}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE, "repeats": REPEATS})
    output_parameters = MappingProxyType(
        {
            "t1_average": OutputParameter(
                unit="us",
                description="mean of the energy relaxation time",
                minimum=0.0,
                positive=True,
                jump=COHERENCE_JUMP,
                maximum=1e5,
            ),
            "t1_std": OutputParameter(
                unit="us",
                description="standard deviation of the single measurements",
                minimum=0.0,
                maximum=1e5,
            ),
        }
    )
    fit_axes = ("fine_delay", "fine_*_delay")
    feature_parameters = DECAY
    traces = MappingProxyType(
        {
            "search": MeasurementDeclaration(Relaxation, "search over the typical range of decay times"),
            "fine": MeasurementDeclaration(Relaxation, "window that resolves the decay"),
            "fine_*": MeasurementDeclaration(Relaxation, "repetitions of the same window, numbered"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Find the window that resolves the decay, then measure it repeatedly."""
        parameters = self.context.parameters
        window = yield from find_window(
            T1,
            laboratory.limits,
            shots=parameters["shots"],
            asked_ns=read_requested_sweep(self.context, "time_range", fewest=6),
            known_us=read_known_value(self.context, "t1"),
        )
        yield from measure_repeats(
            T1, window, laboratory.limits, repeats=parameters["repeats"], shots=parameters["shots"]
        )
        return window.attributes

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit each trace; return mean and scatter, with common residuals as part of the error."""
        require_complete(result)
        return average_results("t1", fit_each(result, choose_t1_fit(result)))

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_decay(raw, choose_t1_fit(raw))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single results by their number, and their mean; the data alone if the analysis rejected
        them.
        """
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        fits = fit_each(raw, choose_t1_fit(raw)).fits
        return add_value_box(draw_results("t1", "T1", fits, output), cls, output)
