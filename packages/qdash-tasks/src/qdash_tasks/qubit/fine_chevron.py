"""Fine chevron: frequency, amplitude and Rabi frequency, close around what a coarse one found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.chevron_map import ChevronTask, Drive, RequestedMap, chevron_program
from qdash_tasks.programs.estimates import quality
from qdash_tasks.programs.third_level import ThirdLevel

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.sweep_rounds import Program


class CheckFineChevron(ChevronTask, declarations.CheckFineChevron):
    """One pulse of varying length and frequency, at the amplitude for the usual Rabi frequency.

    Measured again, with another amplitude and centre, until the Rabi frequency is within 5 % of the usual one.
    """

    expected_s = 6.6

    def sweeps(self, session: Session) -> Program:
        """Start from the coarse values."""
        inputs = self.context.inputs
        start = Drive(
            inputs["coarse_qubit_frequency"].value, inputs["coarse_control_amplitude"].value, USUAL_RABI_MHZ
        )
        driven = yield from chevron_program(start, RequestedMap.by(self), rescale_mhz=USUAL_RABI_MHZ)
        return {**ThirdLevel.of(self, session).attributes(), "control_amplitude": driven.amplitude}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the whole map at once."""
        _, fit = self.fitted(result)
        frequency, rabi = self.estimates(fit, result)
        return TaskOutput(
            {
                "qubit_frequency": frequency,
                # It was set, not measured: it has no error of its own.
                "control_amplitude": Parameter(float(result.attributes["control_amplitude"]), None, "a.u."),
                "rabi_frequency": rabi,
            },
            r2=fit.r2,
            quality=quality(fit),
        )
