"""Angle error of the DRAG π pulse, from pulse trains."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import (
    MEASUREMENT,
    declare_angle_error,
    require_pulses,
)
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import PulseTrain
from qdash_tasks.programs.estimates import make_quality
from qdash_tasks.programs.features.trains import TRAIN, describe_train
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE, require_long_interval
from qdash_tasks.programs.pulse_trains import (
    PI,
    draw_train,
    fit_angle_error,
    make_pulse_attributes,
    measure_longest_train,
)
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.resonance import (
    OFF_FOR_AMPLITUDES_MHZ,
    RESONANCE_TRACE,
    add_resonance_check,
    require_resonance,
)
from qdash_tasks.programs.train_sketch import sketch_train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program


class CheckDRAGPIPulse(LaboratoryTask):
    """Angle error of the DRAG π pulse from long pulse trains or, if they fail, short ones.

    Trains start in |0>, which shows the contrast, and after an X90, which shows the error with its sign. A
    short Ramsey trace comes first: far off resonance, or with phases that restart, trains show another angle.
    With passive reset a T1 trace comes first and sets the interval; a given interval shorter than five T1 is
    rejected.
    """

    name = "CheckDRAGPIPulse"
    description = "Angle error of the DRAG π pulse, from pulse trains."
    expected_s = 0.42
    relaxed = True
    input_parameters = require_pulses("drag_pi_amplitude", "drag_pi_beta")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {"drag_pi_angle_error": declare_angle_error("over-rotation of the DRAG π pulse")}
    )
    fit_axes = ("ground_pulses", "superposition_pulses")
    feature_parameters = TRAIN
    traces = MappingProxyType(
        {
            **T1_TRACE,
            **RESONANCE_TRACE,
            "ground": MeasurementDeclaration(PulseTrain, "train from the ground state"),
            "superposition": MeasurementDeclaration(PulseTrain, "train after an X90"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure a train of the pulse in use."""
        qid = self.context.qid
        pulse, line = laboratory.settings[qid].x180, laboratory.limits.line(qid)
        yield from add_resonance_check(measure_longest_train(PI, pulse, self.context.parameters["shots"]))
        return make_pulse_attributes(pulse, line)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=OFF_FOR_AMPLITUDES_MHZ)
        error, fit = fit_angle_error(result, PI)
        return TaskOutput({"drag_pi_angle_error": error}, r2=fit.r2, quality=make_quality(fit))

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_train(raw, PI)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against the number of pulses; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="pulses", x_unit="")
        return add_value_box(draw_train(raw, output, PI), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the deviation from the ideal pulse."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_train(raw, PI, output.parameters["drag_pi_angle_error"].value)
