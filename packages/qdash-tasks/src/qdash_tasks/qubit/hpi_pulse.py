"""Amplitude of the π/2 pulse, from pulse trains of growing length."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    DRAG_HALF_PI,
    MEASUREMENT,
    RABI,
    T1_REFERENCE,
    declare_optional_input,
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
    HALF_PI,
    calibrate_amplitude,
    compute_amplitude,
    draw_train,
    make_pulse_attributes,
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


class CreateHPIPulse(LaboratoryTask):
    """Amplitude of the π/2 pulse without DRAG, corrected with pulse trains of growing length.

    Trains start in |0>. A short Ramsey trace comes first: far off resonance no amplitude is right. With
    passive reset a T1 trace comes first and sets the interval; a given interval shorter than five T1 is
    rejected.
    """

    name = "CreateHPIPulse"
    description = "Amplitude of the π/2 pulse, from trains of growing length."
    expected_s = 0.53
    relaxed = True
    input_parameters = MappingProxyType(
        {
            **RABI,
            "hpi_amplitude": declare_optional_input("a.u.", "initial amplitude of the π/2 pulse"),
            "hpi_length": declare_optional_input("ns", "length of the π/2 pulse"),
            **DRAG_HALF_PI,
            **T1_REFERENCE,
        }
    )
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            "hpi_amplitude": OutputParameter(
                unit="a.u.",
                description="peak amplitude of the π/2 pulse",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
                line="drive",
            ),
            "hpi_length": OutputParameter(
                unit="ns", description="length of the π/2 pulse", minimum=1.0, maximum=10_000.0
            ),
        }
    )
    value_sets = MappingProxyType({"hpi_pulse": ("hpi_amplitude", "hpi_length")})
    fit_axes = ("ground_pulses",)
    feature_parameters = TRAIN
    traces = MappingProxyType(
        {
            **T1_TRACE,
            **RESONANCE_TRACE,
            "ground": MeasurementDeclaration(PulseTrain, "last train from the ground state"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Correct the amplitude with successively longer trains."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        pulse, line = laboratory.settings[qid].plain_x90, laboratory.limits.line(qid)
        known_before = "hpi_amplitude" in self.context.inputs
        last = yield from add_resonance_check(
            calibrate_amplitude(HALF_PI, pulse, line, shots, known=known_before)
        )
        return make_pulse_attributes(last, line)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train; record the amplitude corrected by its angle error."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=OFF_FOR_AMPLITUDES_MHZ)
        amplitude, fit = compute_amplitude(result, HALF_PI)
        # The length was set, not measured: it has no error.
        length = Parameter(float(result.attributes["length_ns"]), None, "ns")
        return TaskOutput(
            {"hpi_amplitude": amplitude, "hpi_length": length},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_train(raw, HALF_PI)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal of the last train against the number of pulses; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="pulses", x_unit="")
        return add_value_box(draw_train(raw, output, HALF_PI), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the deviation of the last pulse from the ideal."""
        if not output.parameters:
            return cls.figure(raw, output)
        right = output.parameters["hpi_amplitude"].value
        error = HALF_PI.angle_rad * (float(raw.attributes["amplitude"]) / right - 1)
        return sketch_train(raw, HALF_PI, error)
