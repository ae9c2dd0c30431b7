"""The Bell state that a ZX90 makes: its fidelity from three correlations, and its whole density matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_bell, fit_state_tomography
from qdash_analysis.bell import PHI_PLUS
from qdash_analysis.state_tomography import BASES
from qdash_core.pictures.density_matrix import density_matrix
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import COLOURS, figure
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.programs.estimates import parameter, require
from qdash_tasks.programs.joint_shots import COMMANDED, JointShotsTask, clouds, counts_in

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData

_FIDELITY = "bell_state_fidelity"


class CheckBellState(JointShotsTask, declarations.CheckBellState):
    """XX, YY and ZZ of the Bell state: the sum of its stabilisers is its fidelity.

    The readout is undone by what the commanded states give, so that it is the fidelity among commanded states: what is left
    after the reset, and the pulses that command 1, cancel.
    """

    expected_s = 0.9
    bases = tuple(PHI_PLUS)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Count joint outcomes, undo the readout, add up the correlations."""
        fit = require(fit_bell(*counts_in(result, self.bases)))
        note = {name: found.value for name, found in fit.parameters.items() if name != _FIDELITY}
        return TaskOutput({_FIDELITY: parameter(fit.parameters[_FIDELITY])}, note=note)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """How often each joint outcome is read in each basis, the readout undone."""
        if not output.parameters:
            return clouds(raw)
        counts, calibration = counts_in(raw, cls.bases)
        confusion = calibration / calibration.sum(axis=1, keepdims=True)
        data = [
            {
                "type": "bar",
                "name": bases,
                "marker": {"color": colour},
                "x": list(COMMANDED),
                "y": np.linalg.solve(confusion.T, counts[bases] / counts[bases].sum()).round(6).tolist(),
            }
            for bases, colour in zip(cls.bases, COLOURS, strict=False)
        ]
        found = output.parameters[_FIDELITY]
        drawn = figure(
            f"Bell state, fidelity {found.value:.4f}",
            "control and target, 0 where the Pauli operator gives +1",
            "share, readout undone",
            data,
        )
        drawn["layout"]["xaxis"]["type"] = "category"
        return with_values(drawn, cls, output)


class CheckBellStateTomography(JointShotsTask, declarations.CheckBellStateTomography):
    """All nine pairs of bases: the density matrix of the Bell state."""

    expected_s = 1.5
    bases = BASES

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Find the likeliest density matrix; the fidelity is that of the linear estimate, which has no bias."""
        fit = fit_state_tomography(*counts_in(result, self.bases))
        require(fit)
        note: dict[str, Any] = {}
        for name in ("purity", "concurrence"):
            found = fit.parameters[name]
            note |= {name: found.value, f"{name}_error": found.error}
        if (rho := fit.density_matrix) is not None:
            note["density_matrix"] = {"real": rho.real.tolist(), "imag": rho.imag.tolist()}
        return TaskOutput({_FIDELITY: parameter(fit.parameters[_FIDELITY])}, note=note)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """The density matrix."""
        if not output.parameters:
            return clouds(raw)
        matrix, found = output.note["density_matrix"], output.parameters[_FIDELITY]
        error = "" if found.error is None else f" ± {found.error:.4f}"
        return density_matrix(
            np.asarray(matrix["real"]) + 1j * np.asarray(matrix["imag"]),
            title=f"Bell state of {raw.attributes['control']} and {raw.attributes['target']}",
            found=f"fidelity {found.value:.4f}{error}, purity {output.note['purity']:.3f}, "
            f"concurrence {output.note['concurrence']:.3f}",
        )
