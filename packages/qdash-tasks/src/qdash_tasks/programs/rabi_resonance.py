"""Detection of a detuned drive from Rabi oscillations at two amplitudes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_analysis import fit_rabi
from qdash_core.errors import AnalysisError, NoSignalError
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.third_level import SLOWER_AT_F01, ThirdLevel

if TYPE_CHECKING:
    from qdash_analysis.result import Estimate
    from qdash_core.models.raw_data import RawData

_TOO_FAR = 0.005
"""Largest share of a Rabi frequency that a detuning may add."""
_SURELY = 4.0


def check_resonance(raw: RawData, found: Estimate, *, half: str) -> Estimate:
    """Return the Rabi frequency, with a possible contribution of a detuning in its error.

    At a detuning d an oscillation has the frequency sqrt(W^2 + d^2), and only W halves with the amplitude. `found` (MHz
    at full amplitude) is unchanged if the oscillation `half` is not visible. `raw` has the attributes of `ThirdLevel`.

    Raises `NoSignalError` if the drive is clearly off resonance, so that the resonant oscillation is absent.
    """
    if f"{half}_iq" not in raw.arrays or not raw.attributes["found"]:
        return found
    try:
        (signal,) = project_signals(raw, (half,), x_name="duration")
    except AnalysisError:
        return found
    fit = fit_signal(fit_rabi, signal)
    if not fit.success or found.error is None or fit.parameters["frequency"].error is None:
        return found
    slow = ThirdLevel.from_raw_data(raw).correct_rabi_frequency(fit.parameters["frequency"], SLOWER_AT_F01)
    squared = (4 * slow.value**2 - found.value**2) / 3
    error = math.hypot(8 * slow.value * (slow.error or 0.0), 2 * found.value * found.error) / 3
    added = max(squared, 0.0) / (2 * found.value)
    if squared > _SURELY * error and added > _TOO_FAR * found.value:
        raise NoSignalError(
            f"at half the amplitude the oscillation slows only from {found.value:.4g} to {slow.value:.4g}\N{NO-BREAK SPACE}MHz: the drive is "
            f"{math.sqrt(squared):.2g}\N{NO-BREAK SPACE}MHz off resonance, or not linear. Calibrate the frequency first"
        )
    return replace(found, error=math.hypot(found.error, added))
