"""Fidelity of the Bell state made by one ZX90, from three correlations."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_bell
from qdash_analysis.bell import PHI_PLUS
from qdash_analysis.density_matrix import project_on_simplex
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import BOTH_QUBITS, GATE, MEASUREMENT, SHOTS, declare_fidelity
from qdash_tasks.figures.plots import COLOURS, figure
from qdash_tasks.figures.sketches import sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.pair_requests import JointShots
from qdash_tasks.programs.bell_state_check import require_intended_bell_state
from qdash_tasks.programs.estimates import make_parameter, make_state_quality, require_success
from qdash_tasks.programs.features.bell_shots import BELL_FEATURES, describe_bell_shots
from qdash_tasks.programs.joint_shots import COMMANDED, count_outcomes, draw_clouds, measure_bell_state
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.pair_conditions import get_gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_FIDELITY = "bell_state_fidelity"
_BASES = tuple(PHI_PLUS)


class CheckBellState(LaboratoryTask):
    """Fidelity of the Bell state made by one ZX90, from its stabilisers XX, YY and ZZ.

    The four prepared basis states calibrate the readout, and their confusion matrix is inverted. So this is
    the fidelity relative to prepared states: errors of the reset, and of the pulses that command 1, cancel.
    The result is the fidelity of the nearest mixture of Bell states, so never above 1; the raw value,
    straight from the correlations, is in the quality. State left over from the previous shot would count as
    readout error and be divided out, giving a raw fidelity far above 1: with passive reset the interval
    follows from the known T1 of both qubits, and a given interval shorter than five T1 is rejected before
    anything is measured.
    """

    name = "CheckBellState"
    task_type = "coupling"
    description = "Fidelity of the Bell state made by one ZX90, from XX, YY and ZZ, with readout mitigation."
    expected_s = 0.9
    relaxed = True
    input_parameters = MappingProxyType({**BOTH_QUBITS, **GATE})
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": replace(SHOTS, value=4096, minimum=20)})
    output_parameters = MappingProxyType(
        {
            _FIDELITY: declare_fidelity(
                "fidelity of the Bell state, with prepared basis states as reference", negligible=0.01
            )
        }
    )
    traces = MappingProxyType(
        {
            "commanded_*": MeasurementDeclaration(
                JointShots, "single shots of both qubits in a prepared basis state"
            ),
            "bell_*": MeasurementDeclaration(
                JointShots, "single shots of both qubits in the Bell state, in a pair of bases"
            ),
        }
    )

    feature_parameters = BELL_FEATURES

    def program(self, laboratory: Laboratory) -> Program:
        """Read the prepared states, then the Bell state in the bases of its stabilisers."""
        get_gate(laboratory, self.context)
        return (yield from measure_bell_state(self.context, _BASES))

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Count joint outcomes, correct the readout and add up the correlations."""
        counts, calibration = count_outcomes(result, _BASES)
        fit = require_success(fit_bell(counts, calibration))
        require_intended_bell_state(counts, calibration)
        note = {name: found.value for name, found in fit.parameters.items() if name != _FIDELITY}
        return TaskOutput(
            {_FIDELITY: make_parameter(fit.parameters[_FIDELITY])},
            quality=make_state_quality(fit, _FIDELITY),
            note=note,
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the prepared states and of the correlations."""
        return describe_bell_shots(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the readout-corrected probability of each joint outcome in each basis, projected onto valid values."""
        if not output.parameters:
            return draw_clouds(raw)
        counts, calibration = count_outcomes(raw, _BASES)
        confusion = calibration / calibration.sum(axis=1, keepdims=True)
        data = [
            {
                "type": "bar",
                "name": bases,
                "marker": {"color": colour},
                "x": list(COMMANDED),
                "y": _correct_shares(counts[bases], confusion),
            }
            for bases, colour in zip(_BASES, COLOURS, strict=False)
        ]
        found = output.parameters[_FIDELITY]
        drawn = figure(
            f"Bell state fidelity {found.value:.4f}",
            "Outcome (control, target)",
            "Probability, readout-corrected",
            data,
        )
        drawn["layout"]["xaxis"]["type"] = "category"
        return add_value_box(drawn, cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the recorded correlations."""
        if not output.parameters:
            return cls.figure(raw, output)
        found = {
            name.removeprefix("correlation_").upper(): value
            for name, value in output.note.items()
            if name.startswith("correlation_")
        }
        return sketch("", "Correlation", [{"type": "bar", "x": list(found), "y": list(found.values())}])


def _correct_shares(counts: NDArray[np.int64], confusion: NDArray[np.float64]) -> list[float]:
    """Return the readout-corrected probabilities of the four outcomes, projected onto non-negative ones."""
    found = np.linalg.solve(confusion.T, counts / counts.sum())
    return [round(share, 6) for share in project_on_simplex(found[None])[0].tolist()]
