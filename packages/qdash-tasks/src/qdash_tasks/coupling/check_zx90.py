"""Check of the rotation angle of the ZX90 in use."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.coupling.cross_resonance import draw_readout
from qdash_tasks.declarations import BOTH_QUBITS, GATE, MEASUREMENT
from qdash_tasks.figures.plots import figure, points, scatter
from qdash_tasks.figures.sketches import draw_measured, sketch
from qdash_tasks.laboratory.pair_requests import GateTrain, ReadoutReferences
from qdash_tasks.programs.estimates import get_lowest_r2, make_quality, make_refusal
from qdash_tasks.programs.features.pairs import (
    PAIR_FEATURES,
    REFERENCE_FEATURES,
    TRAIN_FEATURES,
    describe_conditions,
    describe_references,
    describe_trains,
)
from qdash_tasks.programs.gate_trains import STARTS, STATES, fit_trains, measure_trains, read_trains
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.pair_conditions import get_gate, make_pair_attributes
from qdash_tasks.programs.projection import Signal
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.readout_reference import (
    REFERENCE,
    UnreadableError,
    get_readout_line,
    read_first_lines,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.figures.plots import Drawn
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.gate_trains import GateTrainFit
    from qdash_tasks.programs.measurement_calls import Program

_X_TITLE, _Y_TITLE = "Number of ZX90 gates", "⟨Z⟩ of the target"
_NAME = "train"
_FAR_RAD, _SURELY = 0.1, 5.0
_PREPARED = {"ground": "from |0⟩", "superposition": "after an X90"}


class CheckZX90(LaboratoryTask):
    """Check of the ZX90 angle by gate trains with both states of the control.

    The target starts in |0>, and after an X90. The mean of the two angle errors is the error of ZX; half of
    their difference is a rotation that does not depend on the control.
    """

    name = "CheckZX90"
    task_type = "coupling"
    description = "Trains of ZX90 gates with both states of the control: fails if the rotation angle is off."
    expected_s = 1.2
    relaxed = True
    input_parameters = MappingProxyType({**BOTH_QUBITS, **GATE})
    run_parameters = MappingProxyType(MEASUREMENT)
    traces = MappingProxyType(
        {
            f"{REFERENCE}_*": MeasurementDeclaration(
                ReadoutReferences, "prepared basis states of both qubits, in the same call"
            ),
            f"{_NAME}_control_*": MeasurementDeclaration(
                GateTrain, "gate trains with the control in |0⟩ or |1⟩, for each initial state of the target"
            ),
        }
    )

    feature_parameters = MappingProxyType({**PAIR_FEATURES, **REFERENCE_FEATURES, **TRAIN_FEATURES})

    def program(self, laboratory: Laboratory) -> Program:
        """Measure all gate trains."""
        gate, known = get_gate(laboratory, self.context), make_pair_attributes(self.context)
        qids = self.context.control, self.context.target
        try:
            yield from measure_trains(_NAME, gate, qids, self.context.parameters["shots"], starts=STARTS)
        except UnreadableError:
            return known  # the analysis reports it
        return {**known, "tone_ns": gate.tone_ns, "amplitude": gate.tone.amplitude}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the trains of both control states; reject a gate whose angle is clearly off."""
        read_first_lines(require_complete(result))
        found = fit_gate_trains(result)
        for state, one in found.items():
            if not one.fit.success:
                raise make_refusal(
                    f"trains with the control in |{state}> show no ZX90 ({one.fit.message}): run CreateZX90 again",
                    one.fit,
                )
        errors = {state: one.fit.parameters["angle_error"] for state, one in found.items()}
        judged = {f"angle_error_control_{state}_rad": error.value for state, error in errors.items()}
        mean = sum(judged.values()) / len(judged)
        sigma = math.hypot(*(error.error or 0.0 for error in errors.values())) / len(errors)
        worst = max(errors.values(), key=lambda error: abs(error.value))
        if abs(worst.value) > _FAR_RAD and abs(worst.value) > _SURELY * (worst.error or 0.0):
            deviations = ", ".join(
                f"{quantity(f'{errors[state].value:+.3f}', 'rad')} with the control in |{state}>"
                for state in STATES
            )
            raise AnalysisError(
                f"the gate rotates the target by a wrong angle ({deviations}): run CreateZX90 again"
            )
        fits = [one.fit for one in found.values()]
        judged |= {"angle_error_rad": mean, "angle_error_sigma_rad": sigma}
        return TaskOutput({}, r2=get_lowest_r2(*fits), quality=make_quality(*fits) | judged)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the readout and of the trains."""
        found = describe_conditions(raw) | describe_references(raw)
        try:
            return found | describe_trains(fit_gate_trains(raw)) if "tone_ns" in raw.attributes else found
        except UnreadableError:
            return found

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw ⟨Z⟩ of the target against the number of gates, with the fit if it succeeded."""
        if "tone_ns" not in raw.attributes:
            return draw_readout(raw, "ZX90 pulse trains: no result")
        data: list[Drawn] = []
        for state, one in fit_gate_trains(raw).items():
            ends = np.cumsum(one.sizes)
            fitted_y = one.fit.predict(one.signal.x) if one.fit.success else None
            for start, end, size in zip(STARTS, ends, one.sizes, strict=True):
                part = slice(int(end) - size, int(end))
                signal = Signal(one.signal.x[part], one.signal.y[part], one.signal.noise)
                data.append(points(f"Control in |{state}⟩, target {_PREPARED[start]}", signal))
                if fitted_y is not None:
                    data.append(scatter("fit", signal.x, fitted_y[part], mode="lines", showlegend=False))
        error = output.quality.get("angle_error_rad")
        title = "ZX90 pulse trains"
        if error is not None:
            title += f": rotation error {quantity(f'{1e3 * error:+.1f}', 'mrad')}"
        return figure(title, _X_TITLE, _Y_TITLE, data)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw ⟨Z⟩ of the target against the number of gates, without the fit."""
        if "tone_ns" not in raw.attributes:
            return cls.figure(raw, output)
        line = get_readout_line(raw, _NAME)
        data = (
            draw_measured(trace.x, line.compute_expectations(trace)[0])
            for state in STATES
            for trace in read_trains(raw, _NAME, state, STARTS).values()
        )
        return sketch(_X_TITLE, _Y_TITLE, data)


def fit_gate_trains(raw: RawData) -> dict[int, GateTrainFit]:
    """Fit the trains of both control states; raise as `ReadoutLine.from_points`."""
    line = get_readout_line(raw, _NAME)
    return {state: fit_trains(read_trains(raw, _NAME, state, STARTS), line, state=state) for state in STATES}
