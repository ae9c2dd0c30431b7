"""State tomography of the Bell state made by one ZX90."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_state_tomography
from qdash_analysis.state_tomography import BASES
from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import BOTH_QUBITS, GATE, MEASUREMENT, SHOTS, declare_fidelity
from qdash_tasks.figures.density_matrix import draw_density_matrix
from qdash_tasks.laboratory.pair_requests import JointShots
from qdash_tasks.programs.bell_state_check import require_intended_bell_state
from qdash_tasks.programs.estimates import make_parameter, make_state_quality, require_success
from qdash_tasks.programs.features.bell_shots import BELL_FEATURES, describe_bell_shots
from qdash_tasks.programs.joint_shots import count_outcomes, draw_clouds, measure_bell_state
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.pair_conditions import get_gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis import StateResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_FIDELITY = "bell_state_fidelity"
_MISFIT, _CONTRADICTION = 10.0, 0.06
"""Limits of the reduced chi², and of the share of the polarisation that the density matrix does not explain,
above which a result is rejected: many shots reveal small gate and readout errors, which contradict nothing.
"""


class CheckBellStateTomography(LaboratoryTask):
    """State tomography of the Bell state in all nine pairs of bases.

    The four prepared basis states calibrate the readout, and their confusion matrix is inverted. With
    passive reset the interval follows from the known T1 of both qubits; a given interval shorter than five T1
    is rejected before anything is measured, because state left over from the previous shot would count as
    readout error.
    """

    name = "CheckBellStateTomography"
    task_type = "coupling"
    description = "State tomography of the Bell state made by one ZX90, with readout mitigation."
    expected_s = 1.5
    relaxed = True
    input_parameters = MappingProxyType({**BOTH_QUBITS, **GATE})
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": replace(SHOTS, value=2048, minimum=20)})
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
        """Read the prepared states, then the Bell state in all pairs of bases."""
        get_gate(laboratory, self.context)
        return (yield from measure_bell_state(self.context, BASES))

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Estimate the maximum-likelihood density matrix and its figures of merit; quality has the unbiased linear one."""
        counts, calibration = count_outcomes(result, BASES)
        fit = require_success(fit_state_tomography(counts, calibration))
        require_intended_bell_state(counts, calibration)
        _require_one_state(fit)
        note: dict[str, Any] = {"reduced_chi2": fit.reduced_chi2}
        for name in ("purity", "concurrence"):
            found = fit.parameters[name]
            note |= {name: found.value, f"{name}_error": found.error}
        if (rho := fit.density_matrix) is not None:
            note["density_matrix"] = {"real": rho.real.tolist(), "imag": rho.imag.tolist()}
        quality = {
            key: value for name in fit.parameters for key, value in make_state_quality(fit, name).items()
        }
        return TaskOutput({_FIDELITY: make_parameter(fit.parameters[_FIDELITY])}, quality=quality, note=note)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the prepared states and of the correlations."""
        return describe_bell_shots(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the density matrix."""
        if not output.parameters:
            return draw_clouds(raw)
        matrix, found = output.note["density_matrix"], output.parameters[_FIDELITY]
        lower, upper = (output.quality.get(f"{_FIDELITY}_{end}") for end in ("lower", "upper"))
        within = "" if lower is None else f" ({lower:.4f} to {upper:.4f})"
        return draw_density_matrix(
            np.asarray(matrix["real"]) + 1j * np.asarray(matrix["imag"]),
            title=f"Density matrix of the Bell state of Q{raw.attributes['control']} and Q{raw.attributes['target']}",
            found=f"Fidelity {found.value:.4f}{within}, purity {output.note['purity']:.3f}, "
            f"concurrence {output.note['concurrence']:.3f}",
        )


def _require_one_state(fit: StateResult) -> None:
    """Raise `AnalysisError` if no single state explains the results in all bases."""
    assert fit.r2 is not None
    assert fit.reduced_chi2 is not None
    if fit.reduced_chi2 > _MISFIT and 1 - fit.r2 > _CONTRADICTION:
        raise AnalysisError(
            f"no state describes the data (reduced chi² {fit.reduced_chi2:.3g}): the bases contradict each other; answers may be in another order. Check `qdash lab check CHIP --only answer_order`"
        )
