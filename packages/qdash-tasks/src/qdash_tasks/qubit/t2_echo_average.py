"""Repeated Hahn echo measurement: the mean coherence time, and the fluctuation of the qubit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

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
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Echo
from qdash_tasks.programs.cached_fits import fit_t2_echo
from qdash_tasks.programs.decay_window import find_window
from qdash_tasks.programs.features.decays import DECAY, describe_decay
from qdash_tasks.programs.fit_options import choose_envelope
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE, require_long_interval
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.repeated_decay import average_results, draw_results, fit_each, measure_repeats
from qdash_tasks.programs.requested_sweeps import read_known_value, read_requested_sweep
from qdash_tasks.qubit.t2_echo import ECHO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.repeated_decay import RepeatedFits

COMMON_ERROR = 0.25
"""Bias from an exponential towards a Gaussian, in error bars, of a trace that cannot separate the envelope
shapes.
"""


class CheckT2EchoAverage(LaboratoryTask):
    """Repeated Hahn echo measurement over one window, as in CheckT2Echo, since the coherence time fluctuates."""

    name = "CheckT2EchoAverage"
    description = "Mean of repeated Hahn echo measurements and the fluctuation of the qubit between them."
    expected_s = 86.0
    relaxed = True
    input_parameters = MappingProxyType(
        {**PULSES, "t2_echo": declare_optional_input("us", "sets the sweep window")}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE, "repeats": REPEATS})
    output_parameters = MappingProxyType(
        {
            "t2_echo_average": OutputParameter(
                unit="us",
                description="mean 1/e time of the echo",
                convention="total delay",
                minimum=0.0,
                positive=True,
                jump=COHERENCE_JUMP,
                maximum=1e5,
            ),
            "t2_echo_std": OutputParameter(
                unit="us",
                description="standard deviation of the single measurements",
                minimum=0.0,
                maximum=1e5,
            ),
        }
    )
    analysis_options = MappingProxyType(ENVELOPE)
    fit_axes = ("fine_delay", "fine_*_delay")
    feature_parameters = DECAY
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "search": MeasurementDeclaration(Echo, "search over the typical range of decay times"),
            "fine": MeasurementDeclaration(Echo, "window that resolves the decay"),
            "fine_*": MeasurementDeclaration(Echo, "repetitions of the same window, numbered"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Find the window that resolves the decay, then measure it repeatedly."""
        parameters, asked_ns = (
            self.context.parameters,
            read_requested_sweep(self.context, "time_range", fewest=6),
        )
        window = yield from find_window(
            ECHO,
            laboratory.limits,
            shots=parameters["shots"],
            asked_ns=asked_ns,
            known_us=read_known_value(self.context, "t2_echo"),
        )
        yield from measure_repeats(
            ECHO, window, laboratory.limits, repeats=parameters["repeats"], shots=parameters["shots"]
        )
        return window.attributes

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit each trace; return mean and scatter, with common residuals as part of the error."""
        fits = _fits(require_complete(result))
        return average_results("t2_echo", fits, common_error=COMMON_ERROR)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_decay(raw, fit_t2_echo)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw single results by their number, and their mean; the data alone if the analysis rejected
        them.
        """
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        return add_value_box(draw_results("t2_echo", "T2 echo", _fits(raw).fits, output), cls, output)


def _fits(raw: RawData) -> RepeatedFits:
    require_long_interval(raw)
    return fit_each(raw, choose_envelope(fit_t2_echo, raw))
