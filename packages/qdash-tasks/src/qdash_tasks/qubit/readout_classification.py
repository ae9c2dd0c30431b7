"""Single-shot readout: assignment fidelities of prepared states."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_readout
from qdash_core.errors import NoSignalError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.declarations import (
    MEASUREMENT,
    PULSES,
    SINGLE_SHOTS,
    declare_fidelity,
)
from qdash_tasks.figures.plots import COLOURS, figure, scatter
from qdash_tasks.figures.sketches import draw_guide, sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import SingleShots
from qdash_tasks.programs.estimates import make_parameter, require_success
from qdash_tasks.programs.features.clouds import CLOUD_FEATURES, describe_clouds
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_shots
from qdash_tasks.programs.passive_reset import T1_TRACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_STATES = (0, 1)
_DRAWN_POINTS, _SKETCHED_POINTS = 1000, 80


class ReadoutClassification(LaboratoryTask):
    """Assignment fidelities at the best threshold, from single shots of commanded 0 and 1.

    The fidelities are those of prepared states: errors of the reset, and of the pulse that commands 1,
    count.
    """

    name = "ReadoutClassification"
    description = "Assignment fidelities of the prepared states at the best threshold, from single shots."
    expected_s = 0.25
    relaxed = True
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": SINGLE_SHOTS})
    output_parameters = MappingProxyType(
        {
            "average_readout_fidelity": declare_fidelity(
                "1 - (p(1|0) + p(0|1)) / 2", minimum=0.5, negligible=0.01, line="readout"
            ),
            "readout_fidelity_0": declare_fidelity("1 - p(1|0)", negligible=0.01, line="readout"),
            "readout_fidelity_1": declare_fidelity("1 - p(0|1)", negligible=0.01, line="readout"),
        }
    )
    value_sets = MappingProxyType(
        {"readout_fidelities": ("average_readout_fidelity", "readout_fidelity_0", "readout_fidelity_1")}
    )
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "prepared_0": MeasurementDeclaration(SingleShots, "single shots, |0⟩ prepared"),
            "prepared_1": MeasurementDeclaration(SingleShots, "single shots, |1⟩ prepared"),
        }
    )

    feature_parameters = MappingProxyType(
        {**CLOUD_FEATURES, "active_reset": FeatureDeclaration("", "1 if the reset was active, 0 if passive")}
    )

    def program(self, laboratory: Laboratory) -> Program:  # noqa: ARG002  the readout in use is judged
        """Take the shots of both states in one call."""
        clouds = {"prepared_0": SingleShots(0), "prepared_1": SingleShots(1)}
        yield from measure_shots(clouds, self.context.parameters["shots"])
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Find the axis and the threshold; count the errors."""
        fit = _fit_clouds(result)
        wrong_0, wrong_1 = fit.parameters["p_meas1_prep0"], fit.parameters["p_meas0_prep1"]
        return TaskOutput(
            {
                "average_readout_fidelity": make_parameter(fit.parameters["average_readout_fidelity"]),
                "readout_fidelity_0": Parameter(1 - wrong_0.value, wrong_0.error),
                "readout_fidelity_1": Parameter(1 - wrong_1.value, wrong_1.error),
            },
            note={
                **{name: fit.parameters[name].value for name in ("threshold", "rotation")},
                "seen": fit.message,
            },
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the shots in the IQ plane, and the threshold line."""
        data = [_draw_cloud(raw, state, _DRAWN_POINTS) for state in _STATES]
        if "threshold" in output.note:
            data.append(_draw_border(raw, output.note["threshold"], output.note["rotation"]))
        found = output.parameters.get("average_readout_fidelity")
        title = "No result: single shots" if found is None else f"Average readout fidelity {found.value:.4f}"
        drawn = figure(title, "I (a.u.)", "Q (a.u.)", data)
        drawn["layout"]["yaxis"]["scaleanchor"] = "x"
        return add_value_box(drawn, cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw some shots of each state, and the threshold line."""
        data = [_draw_cloud(raw, state, _SKETCHED_POINTS) for state in _STATES]
        if "threshold" in output.note:
            data.append(_draw_border(raw, output.note["threshold"], output.note["rotation"]))
        drawn = sketch("I (a.u.)", "Q (a.u.)", data)
        drawn["layout"]["yaxis"]["scaleanchor"] = "x"
        return drawn

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the shots
        """Return the features of the clouds."""
        if not {"prepared_0", "prepared_1"} <= raw.arrays.keys():
            return {}
        found = describe_clouds(*_read_clouds(raw))
        reset = raw.attributes.get("reset")
        return found if reset is None else {**found, "active_reset": float(reset == "active")}


def _draw_cloud(raw: RawData, state: int, most: int) -> dict[str, Any]:
    """Return the first shots of a prepared state: shots are alike, so these are a fair sample."""
    shots = raw[f"prepared_{state}"][:most]
    marker = {"color": COLOURS[state], "size": 3, "opacity": 0.5}
    return scatter(f"Prepared in |{state}⟩", np.real(shots), np.imag(shots), marker=marker)


def _draw_border(raw: RawData, threshold: float, rotation: float) -> dict[str, Any]:
    """Return the threshold line in the IQ plane."""
    turned = np.exp(-1j * rotation) * np.concatenate(_read_clouds(raw))
    ends = np.exp(1j * rotation) * (threshold + 1j * np.array([turned.imag.min(), turned.imag.max()]))
    return draw_guide("Threshold", ends.real, ends.imag)


def _read_clouds(raw: RawData) -> list[NDArray[np.complex128]]:
    """Return the shots of both prepared states, for sums in double precision."""
    return [raw[f"prepared_{state}"].astype(np.complex128) for state in _STATES]


def _fit_clouds(raw: RawData) -> FitResult:
    zero, one = _read_clouds(raw)
    # The clouds of a dead readout coincide; a fit could still produce a number from their scatter.
    distance = abs(zero.mean() - one.mean())
    scatter_of_means = np.hypot(np.std(zero), np.std(one)) / np.sqrt(zero.size)
    if distance < 5 * scatter_of_means:
        raise NoSignalError(
            "both prepared states give the same IQ distribution: the readout is dead, or the pulse has no effect"
        )
    return require_success(fit_readout(zero, one))
