"""Amplitude of a pulse without DRAG, from pulse trains of growing length."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

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
from qdash_tasks.programs.estimates import make_quality
from qdash_tasks.programs.features.trains import TRAIN, describe_train
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.passive_reset import T1_TRACE, require_long_interval
from qdash_tasks.programs.pulse_trains import (
    HALF_PI,
    PI,
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
    from qdash_tasks.programs.pulse_trains import Rotation


class CreatePlainPulse(LaboratoryTask):
    """Amplitude of a pulse without DRAG, corrected with pulse trains of growing length.

    Trains of π/2 pulses start in |0>; those of π pulses start in |0>, which shows the contrast, and after an
    X90, which shows the error with its sign. A short Ramsey trace comes first: far off resonance no amplitude
    is right. With passive reset a T1 trace comes first and sets the interval; a given interval shorter than
    five T1 is rejected.

    A subclass declares the rotation and the inputs.
    """

    relaxed = True
    run_parameters = MappingProxyType(MEASUREMENT)
    feature_parameters = TRAIN
    rotation: ClassVar[Rotation]

    def __init_subclass__(cls, *, rotation: Rotation | None = None, **given: Any) -> None:
        """Derive the outputs and traces from the rotation."""
        if rotation is not None:
            cls.rotation = rotation
            pulse, text = rotation.name, f"{rotation.symbol} pulse"
            amplitude = OutputParameter(
                unit="a.u.",
                description=f"peak amplitude of the {text}",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
                line="drive",
            )
            length = OutputParameter(
                unit="ns", description=f"length of the {text}", minimum=1.0, maximum=10_000.0
            )
            cls.output_parameters = MappingProxyType(
                {f"{pulse}_amplitude": amplitude, f"{pulse}_length": length}
            )
            cls.value_sets = MappingProxyType({f"{pulse}_pulse": tuple(cls.output_parameters)})
            cls.fit_axes = rotation.fit_axes
            cls.traces = MappingProxyType(
                {**T1_TRACE, **RESONANCE_TRACE, **rotation.declare_trains("last train")}
            )
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Correct the amplitude with successively longer trains."""
        qid, shots, rotation = self.context.qid, self.context.parameters["shots"], self.rotation
        pulse, line = (
            rotation.choose_pulse(laboratory.settings[qid], drag=False),
            laboratory.limits.line(qid),
        )
        known_before = f"{rotation.name}_amplitude" in self.context.inputs
        last = yield from add_resonance_check(
            calibrate_amplitude(rotation, pulse, line, shots, known=known_before)
        )
        return make_pulse_attributes(last, line)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train; record the amplitude corrected by its angle error."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=OFF_FOR_AMPLITUDES_MHZ)
        amplitude, fit = compute_amplitude(result, self.rotation)
        # The length was set, not measured: it has no error.
        length = Parameter(float(result.attributes["length_ns"]), None, "ns")
        return TaskOutput(
            dict(zip(self.output_parameters, (amplitude, length), strict=True)),
            r2=fit.r2,
            quality=make_quality(fit),
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_train(raw, cls.rotation)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal of the last train against the number of pulses; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="pulses", x_unit="")
        return add_value_box(draw_train(raw, output, cls.rotation), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the deviation of the last pulse from the ideal."""
        if not output.parameters:
            return cls.figure(raw, output)
        right = output.parameters[f"{cls.rotation.name}_amplitude"].value
        error = cls.rotation.angle_rad * (float(raw.attributes["amplitude"]) / right - 1)
        return sketch_train(raw, cls.rotation, error)


class CreateHPIPulse(CreatePlainPulse, rotation=HALF_PI):
    """Amplitude of the π/2 pulse without DRAG."""

    name = "CreateHPIPulse"
    description = "Amplitude of the π/2 pulse, from trains of growing length."
    expected_s = 0.53
    input_parameters = MappingProxyType(
        {
            **RABI,
            "hpi_amplitude": declare_optional_input("a.u.", "initial amplitude of the π/2 pulse"),
            "hpi_length": declare_optional_input("ns", "length of the π/2 pulse"),
            **DRAG_HALF_PI,
            **T1_REFERENCE,
        }
    )


class CreatePIPulse(CreatePlainPulse, rotation=PI):
    """Amplitude of the π pulse without DRAG."""

    name = "CreatePIPulse"
    description = "Amplitude of the π pulse, from trains of growing length."
    expected_s = 0.83
    input_parameters = MappingProxyType(
        {
            **RABI,
            "hpi_amplitude": declare_optional_input("a.u.", "amplitude of the π/2 pulse that starts a train"),
            "hpi_length": declare_optional_input("ns", "its length"),
            **DRAG_HALF_PI,
            **T1_REFERENCE,
            "pi_amplitude": declare_optional_input("a.u.", "initial amplitude of that pulse"),
            "pi_length": declare_optional_input("ns", "length of the π pulse"),
        }
    )
