"""Dispersive shift: by how much the state of the qubit moves the resonator."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import COUPLING_JUMP
from qdash_tasks.qubit.readout_frequency import CheckReadoutFrequency

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData


class CheckDispersiveShift(CheckReadoutFrequency):
    """Measurement and fit of `CheckReadoutFrequency`; it requires the shift and leaves the readout in use."""

    name = "CheckDispersiveShift"
    description = (
        "Dispersive shift and the frequency of the best contrast; the readout frequency in use stays."
    )
    output_parameters = MappingProxyType(
        {
            "dispersive_shift": OutputParameter(
                unit="MHz",
                description="2χ: resonance with the qubit in |1⟩ minus that in |0⟩",
                convention="2 chi",
                jump=COUPLING_JUMP,
            ),
            "optimal_readout_frequency": OutputParameter(
                unit="GHz",
                description="frequency of the largest distance between |0⟩ and |1⟩ in the IQ plane",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
                line="readout",
            ),
        }
    )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        """Fit both traces together; reject data that do not determine the shift."""
        found = super().postprocess(backend, result)
        shift = found.parameters.get("dispersive_shift")
        if shift is None:
            raise AnalysisError(
                "0 and 1 differ, but the dispersive shift is not determined to a sixth: take more shots"
            )
        return TaskOutput(
            {
                "dispersive_shift": shift,
                "optimal_readout_frequency": found.parameters["readout_frequency"],
            },
            r2=found.r2,
            quality=found.quality,
            note=found.note,
        )

    @classmethod
    def _make_title(cls, output: TaskOutput) -> str:
        shift = output.parameters["dispersive_shift"].value
        return f"Dispersive shift {quantity(f'{shift:.4g}', 'MHz')}"
