"""DRAG coefficient of a pulse, from pairs of opposite pulses, and its amplitude."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

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
from qdash_tasks.programs.pulse_trains import HALF_PI, PI
from qdash_tasks.programs.resonance import RESONANCE_TRACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.pulse_trains import Rotation


class CreateDRAGPulse(LaboratoryTask):
    """DRAG coefficient of a pulse from pairs of opposite pulses, then its amplitude from pulse trains.

    The first window is wide and covers either sign; the next one contains only the optimum, with as many
    pairs as still show it. Two numbers of pairs separate the optimum from other extrema. A short Ramsey trace
    comes first: off resonance the pairs have another optimum, and the task rejects it. Longer fringes show a detuning of
    a few kHz, whose shift of the optimum the error includes. With passive reset a
    T1 trace comes first and sets the interval; a given interval shorter than five T1 is rejected.

    A subclass declares the rotation.
    """

    relaxed = True
    run_parameters = MappingProxyType(MEASUREMENT)
    fit_axes = ("fewer_beta", "more_beta")
    feature_parameters = DRAG
    rotation: ClassVar[Rotation]

    def __init_subclass__(cls, *, rotation: Rotation | None = None, **given: Any) -> None:
        """Derive the declarations from the rotation."""
        if rotation is not None:
            cls.rotation = rotation
            pulse, text = rotation.name, f"DRAG {rotation.symbol} pulse"
            cls.description = f"DRAG coefficient of the {rotation.symbol} pulse, from pairs of opposite pulses, and its amplitude."
            cls.input_parameters = MappingProxyType(
                {**require_pulses(f"{pulse}_amplitude", f"{pulse}_length"), **FRINGE_INPUT}
            )
            amplitude = OutputParameter(
                unit="a.u.",
                description=f"peak amplitude of the {text}",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
                line="drive",
            )
            beta = OutputParameter(
                unit="ns",
                description=f"DRAG coefficient of the {text}: Ω_y = β dΩ_x/dt",
                convention="beta dI/dt",
                minimum=-10.0,
                maximum=10.0,
                jump=0.5,
                line="drive",
            )
            cls.output_parameters = MappingProxyType(
                {f"drag_{pulse}_amplitude": amplitude, f"drag_{pulse}_beta": beta}
            )
            cls.value_sets = MappingProxyType({f"drag_{pulse}_pulse": tuple(cls.output_parameters)})
            cls.traces = MappingProxyType(
                {
                    **T1_TRACE,
                    **RESONANCE_TRACE,
                    **FRINGE_TRACE,
                    "fewer": MeasurementDeclaration(DragScan, "last window, with fewer pairs of pulses"),
                    "more": MeasurementDeclaration(DragScan, "last window, with more pairs of pulses"),
                    POLES: MeasurementDeclaration(
                        PulseTrain,
                        "references for this window: no pulse, and the number of pulses that excites",
                    ),
                    **rotation.declare_trains("last train"),
                }
            )
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Search for the optimum, refine it, and correct the amplitude there."""
        pulse = self.rotation.choose_pulse(laboratory.settings[self.context.qid], drag=True)
        known = f"drag_{self.rotation.name}_beta" in self.context.inputs
        return (yield from calibrate_drag(self.context, laboratory.limits, self.rotation, pulse, known=known))

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last sweep of the coefficient and the last train."""
        return make_drag_output(result, self.rotation)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_drag(raw, cls.rotation)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against the DRAG coefficient for both numbers of pairs; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="beta", x_unit="ns")
        beta = output.parameters[f"drag_{cls.rotation.name}_beta"]
        return add_value_box(draw_pairs(raw, beta.value), cls, output)


class CreateDRAGHPIPulse(CreateDRAGPulse, rotation=HALF_PI):
    """DRAG coefficient and amplitude of the π/2 pulse."""

    name = "CreateDRAGHPIPulse"
    expected_s = 1.5


class CreateDRAGPIPulse(CreateDRAGPulse, rotation=PI):
    """DRAG coefficient and amplitude of the π pulse."""

    name = "CreateDRAGPIPulse"
    expected_s = 1.6
