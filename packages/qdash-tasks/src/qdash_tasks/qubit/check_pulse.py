"""Angle error of a pulse, from pulse trains."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import MEASUREMENT, declare_angle_error, require_pulses
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.programs.estimates import make_quality
from qdash_tasks.programs.features.trains import TRAIN, describe_train
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.passive_reset import T1_TRACE, require_long_interval
from qdash_tasks.programs.pulse_trains import (
    HALF_PI,
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
    from qdash_tasks.programs.pulse_trains import Rotation


class CheckPulse(LaboratoryTask):
    """Angle error of a pulse from long pulse trains or, if they fail, short ones.

    Trains of π/2 pulses start in |0>; those of π pulses start in |0>, which shows the contrast, and after an
    X90, which shows the error with its sign. A short Ramsey trace comes first: far off resonance, or with
    phases that restart, trains show another angle. With passive reset a T1 trace comes first and sets the
    interval; a given interval shorter than five T1 is rejected.

    A subclass declares the rotation, and whether its pulse has DRAG.
    """

    relaxed = True
    run_parameters = MappingProxyType(MEASUREMENT)
    feature_parameters = TRAIN
    rotation: ClassVar[Rotation]
    drag: ClassVar[bool]

    def __init_subclass__(cls, *, rotation: Rotation | None = None, drag: bool = False, **given: Any) -> None:
        """Derive the declarations from the pulse."""
        if rotation is not None:
            cls.rotation, cls.drag = rotation, drag
            pulse, inputs = rotation.name, ("amplitude", "length")
            text = f"over-rotation of the {rotation.symbol} pulse"
            if drag:
                pulse, inputs = f"drag_{rotation.name}", ("amplitude", "beta")
                text = f"over-rotation of the DRAG {rotation.symbol} pulse"
            cls.input_parameters = require_pulses(*(f"{pulse}_{name}" for name in inputs))
            cls.output_parameters = MappingProxyType({f"{pulse}_angle_error": declare_angle_error(text)})
            cls.fit_axes = rotation.fit_axes
            cls.traces = MappingProxyType({**T1_TRACE, **RESONANCE_TRACE, **rotation.declare_trains("train")})
        super().__init_subclass__(**given)

    def program(self, laboratory: Laboratory) -> Program:
        """Measure a train of the pulse in use."""
        qid, rotation = self.context.qid, self.rotation
        pulse = rotation.choose_pulse(laboratory.settings[qid], drag=self.drag)
        yield from add_resonance_check(
            measure_longest_train(rotation, pulse, self.context.parameters["shots"])
        )
        return make_pulse_attributes(pulse, laboratory.limits.line(qid))

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=OFF_FOR_AMPLITUDES_MHZ)
        error, fit = fit_angle_error(result, self.rotation)
        (name,) = self.output_parameters
        return TaskOutput({name: error}, r2=fit.r2, quality=make_quality(fit))

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_train(raw, cls.rotation)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against the number of pulses; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="pulses", x_unit="")
        return add_value_box(draw_train(raw, output, cls.rotation), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the deviation from the ideal pulse."""
        if not output.parameters:
            return cls.figure(raw, output)
        (name,) = cls.output_parameters
        return sketch_train(raw, cls.rotation, output.parameters[name].value)


class CheckHPIPulse(CheckPulse, rotation=HALF_PI):
    """Angle error of the π/2 pulse without DRAG."""

    name = "CheckHPIPulse"
    description = "Angle error of the π/2 pulse, from a pulse train."
    expected_s = 0.26


class CheckPIPulse(CheckPulse, rotation=PI):
    """Angle error of the π pulse without DRAG."""

    name = "CheckPIPulse"
    description = "Angle error of the π pulse, from pulse trains."
    expected_s = 0.42


class CheckDRAGHPIPulse(CheckPulse, rotation=HALF_PI, drag=True):
    """Angle error of the DRAG π/2 pulse."""

    name = "CheckDRAGHPIPulse"
    description = "Angle error of the DRAG π/2 pulse, from a pulse train."
    expected_s = 0.26


class CheckDRAGPIPulse(CheckPulse, rotation=PI, drag=True):
    """Angle error of the DRAG π pulse."""

    name = "CheckDRAGPIPulse"
    description = "Angle error of the DRAG π pulse, from pulse trains."
    expected_s = 0.42
