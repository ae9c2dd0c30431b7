"""Readout frequency with the best contrast in a wide window, for a resonator that has moved."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonance_dip import find_dip
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.qubit.readout_frequency import (
    FEWEST_REQUESTED,
    CheckReadoutFrequency,
    make_sweep,
    measure_both_states,
    refine_window,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import Program

_WIDE_MHZ, _WIDE_POINTS = 25.0, 126
_CLOSE_POINTS = 61
_CLOSE_WIDTHS = 3.0
_DIP_WIDTHS = 4.0


class CheckOptimalReadoutFrequency(CheckReadoutFrequency):
    """Measurement and fit of `CheckReadoutFrequency`, after a scan of 25 MHz to each side with both states."""

    name = "CheckOptimalReadoutFrequency"
    description = "Best readout frequency, searched over 50 MHz with |0⟩ and with |1⟩ prepared."
    expected_s = 2.2
    output_parameters = MappingProxyType(
        {"readout_frequency": CheckReadoutFrequency.output_parameters["readout_frequency"]}
    )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        """Fit both traces together; the shift is a note."""
        found = super().postprocess(backend, result)
        frequency = found.parameters["readout_frequency"]
        shift = found.parameters.get("dispersive_shift")
        note = {**found.note, **({} if shift is None else {"dispersive_shift_mhz": shift.value})}
        return TaskOutput({"readout_frequency": frequency}, r2=found.r2, quality=found.quality, note=note)

    def program(self, laboratory: Laboratory) -> Program:
        """Scan widely, then closely around the resonance found."""
        shots = self.context.parameters["shots"]
        sweep = read_requested_sweep(self.context, "frequency_range", fewest=FEWEST_REQUESTED)
        if sweep is not None:
            yield from measure_both_states(sweep, shots)
            return {}
        ranges = laboratory.limits.readout_frequencies_ghz(self.context.qid)
        in_use_ghz = laboratory.settings[self.context.qid].readout_frequency_ghz
        wide = limit_window(make_sweep(in_use_ghz, _WIDE_MHZ, _WIDE_POINTS), ranges)
        fit, traces = yield from measure_both_states(wide, shots)
        close = _choose_close_window(fit, traces)
        if close is not None:
            x = limit_window(close, ranges)
            fit, _ = yield from measure_both_states(x, shots)
            yield from refine_window(fit, x, ranges, shots=shots)
        return {}


def _choose_close_window(fit: FitResult, traces: tuple[Trace, Trace]) -> NDArray[np.float64] | None:
    """Return a window around the fitted lines, else where 0 and 1 differ, else None.

    On a shared feed line the deepest dip may be another qubit's, which does not move.
    """
    if fit.success:
        widths = (
            fit.parameters[name].value for name in ("linewidth", "dispersive_shift") if name in fit.parameters
        )
        half_mhz = _CLOSE_WIDTHS * max(sum(map(abs, widths)), _WIDE_MHZ / _WIDE_POINTS)
        return make_sweep(fit.parameters["readout_frequency"].value, half_mhz, _CLOSE_POINTS)
    zero, one = traces
    sigma = np.hypot(zero.sigma.real, one.sigma.real) + 1j * np.hypot(zero.sigma.imag, one.sigma.imag)
    dip = find_dip(replace(zero, iq=one.iq - zero.iq, sigma=sigma)) or find_dip(zero)
    return None if dip is None else make_sweep(dip[0], 1e3 * _DIP_WIDTHS * dip[1], _CLOSE_POINTS)
