"""DRAG coefficient of the π pulse, from pairs of opposite pulses, and its amplitude."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import MEASUREMENT, require_pulses
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import DragScan, PulseTrain
from qdash_tasks.programs.drag_calibration import calibrate_drag, make_drag_output
from qdash_tasks.programs.drag_detuning import FRINGE_INPUT, FRINGE_TRACE
from qdash_tasks.programs.drag_search import POLES, draw_pairs
from qdash_tasks.programs.features.trains import DRAG, describe_drag
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.pulse_trains import PI
from qdash_tasks.programs.resonance import RESONANCE_TRACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program


class CreateDRAGPIPulse(LaboratoryTask):
    """DRAG coefficient of the π pulse from pairs of opposite pulses, then its amplitude from pulse trains.

    The first window is wide and covers either sign; the next one contains only the optimum, with as many
    pairs as still show it. Two numbers of pairs separate the optimum from other extrema. A short Ramsey trace
    comes first: off resonance the pairs have another optimum, and the task rejects it. Longer fringes show a detuning of
    a few kHz, whose shift of the optimum the error includes. With passive reset a
    T1 trace comes first and sets the interval; a given interval shorter than five T1 is rejected.
    """

    name = "CreateDRAGPIPulse"
    description = "DRAG coefficient of the π pulse, from pairs of opposite pulses, and its amplitude."
    expected_s = 1.6
    relaxed = True
    input_parameters = MappingProxyType({**require_pulses("pi_amplitude", "pi_length"), **FRINGE_INPUT})
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            "drag_pi_amplitude": OutputParameter(
                unit="a.u.",
                description="peak amplitude of the DRAG π pulse",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
                line="drive",
            ),
            "drag_pi_beta": OutputParameter(
                unit="ns",
                description="DRAG coefficient of the DRAG π pulse: Ω_y = β dΩ_x/dt",
                convention="beta dI/dt",
                minimum=-10.0,
                maximum=10.0,
                jump=0.5,
                line="drive",
            ),
        }
    )
    value_sets = MappingProxyType({"drag_pi_pulse": ("drag_pi_amplitude", "drag_pi_beta")})
    fit_axes = ("fewer_beta", "more_beta")
    feature_parameters = DRAG
    traces = MappingProxyType(
        {
            **T1_TRACE,
            **RESONANCE_TRACE,
            **FRINGE_TRACE,
            "fewer": MeasurementDeclaration(DragScan, "last window, with fewer pairs of pulses"),
            "more": MeasurementDeclaration(DragScan, "last window, with more pairs of pulses"),
            POLES: MeasurementDeclaration(
                PulseTrain, "references for this window: no pulse, and the number of pulses that excites"
            ),
            "ground": MeasurementDeclaration(PulseTrain, "last train from the ground state"),
            "superposition": MeasurementDeclaration(PulseTrain, "last train after an X90"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search for the optimum, refine it, and correct the amplitude there."""
        pulse, known = laboratory.settings[self.context.qid].x180, "drag_pi_beta" in self.context.inputs
        return (yield from calibrate_drag(self.context, laboratory.limits, PI, pulse, known=known))

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last sweep of the coefficient and the last train."""
        return make_drag_output(result, PI, amplitude="drag_pi_amplitude", beta="drag_pi_beta")

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_drag(raw, PI)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against the DRAG coefficient for both numbers of pairs; only data if they were
        rejected.
        """
        if not output.parameters:
            return draw_raw_traces(raw, x_name="beta", x_unit="ns")
        return add_value_box(draw_pairs(raw, output.parameters["drag_pi_beta"].value), cls, output)
