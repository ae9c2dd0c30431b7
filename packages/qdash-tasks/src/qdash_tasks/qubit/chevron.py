"""Chevron: the qubit's frequency and the Rabi frequency from oscillations at many drive frequencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.programs.chevron_map import ChevronTask, Drive, RequestedMap, chevron_program
from qdash_tasks.programs.estimates import quality
from qdash_tasks.programs.third_level import ThirdLevel

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.sweep_rounds import Program


class CheckChevron(ChevronTask, declarations.CheckChevron):
    """One pulse of varying length and frequency, at the drive amplitude in use.

    Three periods at two and a half Rabi frequencies to each side; once more, centred, where that shows something else
    than expected. The drive pushes |1> up through |2>: that light shift is taken off the frequency.
    """

    expected_s = 6.6

    def sweeps(self, session: Session) -> Program:
        """Measure around the drive frequency in use."""
        settings = session.settings[self.context.qid]
        start = Drive(settings.drive_frequency_ghz, settings.control_amplitude, settings.rabi_frequency_mhz)
        yield from chevron_program(start, RequestedMap.by(self))
        return ThirdLevel.of(self, session).attributes()

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the whole map at once."""
        _, fit = self.fitted(result)
        frequency, rabi = self.estimates(fit, result)
        return TaskOutput(
            {"qubit_frequency": frequency, "rabi_frequency": rabi},
            r2=fit.r2,
            quality=quality(fit),
        )
