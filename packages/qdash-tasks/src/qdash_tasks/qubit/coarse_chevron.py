"""Coarse chevron: a first frequency and amplitude where nothing but the design is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.chevron_map import (
    ChevronTask,
    Drive,
    Map,
    RequestedMap,
    chevron_program,
    resonance_in,
)
from qdash_tasks.programs.estimates import quality
from qdash_tasks.programs.sweep_rounds import Sweep
from qdash_tasks.programs.third_level import ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program

_HALF_WIDTH_GHZ = 0.165
# Amplitude, drive frequencies, longest pulse (ns), points. Drive lines differ fivefold, so a short strong pulse follows
# where a weaker one turned nothing: the first sees 3.5 to 18 MHz, the second 12 to 60.
_SEARCHES = ((0.06, 67, 208.0, 27), (0.2, 42, 100.0, 26))
_SHARE = 0.25
_FARTHEST = 0.3


class CheckCoarseChevron(ChevronTask, declarations.CheckCoarseChevron):
    """Short strong pulses at frequencies far around the design, then a chevron at the usual Rabi frequency.

    A strong pulse reaches frequencies as far away as its Rabi frequency, so few steps cover the window. What is found is
    measured at the amplitude for the usual Rabi frequency. There f01 turns as fast as the search lets expect; f02/2,
    whose Rabi frequency goes with the square of the amplitude, does not.
    """

    expected_s = 10.0

    def sweeps(self, session: Session) -> Program:
        """Search, then measure what was found."""
        design = session.design[self.context.qid].qubit_frequency_ghz
        found = yield from self._found(design)
        if found is None:
            return {**ThirdLevel.of(self, session).attributes(), "found": False}
        amplitude = min(found.amplitude * USUAL_RABI_MHZ / found.rabi_mhz, 1.0)
        start = Drive(found.frequency_ghz, amplitude, amplitude / found.amplitude * found.rabi_mhz)
        driven = yield from chevron_program(start, RequestedMap(self.context.parameters["shots"]))
        return {
            **ThirdLevel.of(self, session).attributes(),
            "found": True,
            "control_amplitude": driven.amplitude,
            "expected_mhz": start.rabi_mhz,
        }

    def _found(self, design_ghz: float) -> Generator[Sweep, Trace, Drive | None]:
        """Search with growing amplitude, where and how long it was asked for; return how what was found was driven."""
        shots = max(round(_SHARE * self.context.parameters["shots"]), 16)
        frequencies, lengths = self.asked("frequency_range"), self.asked("time_range")
        for amplitude, count, longest_ns, points in _SEARCHES:
            around = design_ghz + np.linspace(-_HALF_WIDTH_GHZ, _HALF_WIDTH_GHZ, count)
            rows = around if frequencies is None else frequencies
            durations = np.linspace(0.0, longest_ns, points) if lengths is None else lengths
            trace = yield Sweep("wide", durations, shots, knob=amplitude, rows=rows)
            seen = resonance_in(trace, rows)
            if seen is not None:
                frequency, rabi = seen
                return Drive(frequency, amplitude, rabi)
        return None

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the chevron at the usual Rabi frequency."""
        if result.attributes.get("found") is False:
            Map.stored(result, "wide")
            raise AnalysisError("no chevron within the window that was searched")
        _, fit = self.fitted(result)
        frequency, rabi = self.estimates(fit, result)
        expected = float(result.attributes["expected_mhz"])
        if abs(rabi.value / expected - 1) > _FARTHEST:
            raise AnalysisError(
                f"an oscillation of {rabi.value:.4g} MHz, where a wide chevron at another amplitude lets expect "
                f"{expected:.4g} MHz: f02/2, or a drive that is not linear"
            )
        amplitude = float(result.attributes["control_amplitude"])
        return TaskOutput(
            {
                "coarse_qubit_frequency": frequency,
                # It was set, not measured: it has no error of its own.
                "coarse_control_amplitude": Parameter(amplitude * USUAL_RABI_MHZ / rabi.value, None, "a.u."),
            },
            r2=fit.r2,
            quality=quality(fit),
        )
