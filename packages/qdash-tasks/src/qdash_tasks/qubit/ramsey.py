"""Ramsey fringes: how far the drive is from the qubit, on which side, and how long a phase lasts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks import declarations
from qdash_tasks.programs.fringes import (
    FIRST_WINDOWS_US,
    POINTS,
    FringesTask,
    Look,
    both_signs,
    fit_trace,
    fringe_mhz,
    look_with_both_signs,
    mean_t2_star,
    t2_star_of,
)
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.fringes import Floats

_LONGEST_US = 2000.0
_STRETCH = 5.0
_WINDOW = 2.5
_WINDOW_OF_A_KNOWN_TIME = 2.0
_WELL_SEEN = (1.2, 5.0)
_SURE = 0.1


class CheckRamsey(FringesTask, declarations.CheckRamsey):
    """Fringes over the time that a phase lasts.

    A short window finds a large offset without aliasing; each further window is longer and starts from what the last one
    found, until the fringes are seen to decay. A known T2* spares the windows between. T2* is delivered where the
    fringes are seen to decay; where they are not, the note says so.
    """

    expected_s = 20.0

    def search(self, shots: int) -> Generator[Sweep, Trace, tuple[Floats, float]]:
        """Stretch the window until it shows the decay, then measure with both signs."""
        known = self.context.inputs.get("t2_star")
        expected = None if known is None or known.value <= 0 else known.value
        for window in _first_windows(expected):
            delays = np.linspace(0.0, window, POINTS)
            first = yield from look_with_both_signs(delays, 0.0, shots)
            if first is not None:
                break
        if first is None:
            return delays, 0.0
        if expected is not None:
            delays = np.linspace(0.0, _WINDOW_OF_A_KNOWN_TIME * expected, POINTS)
            if _is_sure(first, delays):
                again = yield from look_with_both_signs(delays, first.offset_mhz, shots)
                if again is not None and _is_well_seen(again.t2_star_us, float(delays[-1])):
                    return delays, first.offset_mhz
        offset, decay_us = yield from _stretch(window, first, shots)
        delays = np.linspace(0.0, _LONGEST_US if decay_us is None else _WINDOW * decay_us, POINTS)
        yield from both_signs(delays, offset, shots)
        return delays, offset

    def combined(self, raw: RawData, fits: tuple[FitResult, FitResult]) -> TaskOutput:
        """Frequency, and T2* where it is seen."""
        output = super().combined(raw, fits)
        t2_star = mean_t2_star(fits)
        if t2_star is not None:
            return replace(output, parameters={**output.parameters, "t2_star": t2_star})
        span = float(np.ptp(raw["plus_delay"]))
        return replace(output, note={**output.note, "t2_star": f"no decay is seen within {span:.4g} us"})


def _first_windows(expected_us: float | None) -> tuple[float, ...]:
    """Windows in which to look for the offset; no longer than a phase that is known to last shorter."""
    if expected_us is None or _WINDOW * expected_us > FIRST_WINDOWS_US[0]:
        return FIRST_WINDOWS_US
    return (_WINDOW * expected_us, *FIRST_WINDOWS_US)


def _is_sure(found: Look, delays_us: Floats) -> bool:
    """Whether the offset is known far better than the fringes of a window, so that their sign is clear."""
    return found.error_mhz is not None and found.error_mhz < _SURE * fringe_mhz(delays_us)


def _is_well_seen(t2_star_us: float | None, window_us: float) -> bool:
    return t2_star_us is not None and _WELL_SEEN[0] < window_us / t2_star_us < _WELL_SEEN[1]


def _stretch(
    window_us: float, found: Look, shots: int
) -> Generator[Sweep, Trace, tuple[float, float | None]]:
    """Measure ever longer windows until the fringes are seen to decay; return offset and T2*, where it is seen."""
    offset, decay_us = found.offset_mhz, found.t2_star_us
    while decay_us is None and window_us < _LONGEST_US:
        window_us = min(window_us * _STRETCH, _LONGEST_US)
        further = yield from _look_on(window_us, offset, shots)
        if further is None:
            # The fringes died before the first few points: their time lies near the last window.
            return offset, window_us / _STRETCH
        offset, decay_us = further
    return offset, decay_us


def _look_on(
    window_us: float, known_mhz: float, shots: int
) -> Generator[Sweep, Trace, tuple[float, float | None] | None]:
    """Measure a longer window; what is known of the detuning is far better than the fringe, so its sign is clear."""
    delays = np.linspace(0.0, window_us, POINTS)
    fringe = fringe_mhz(delays)
    trace = yield Sweep("longer", delays, shots, knob=fringe - known_mhz)
    try:
        fit = fit_trace(trace)
    except AnalysisError:
        return None
    return known_mhz + fit.parameters["detuning"].value - fringe, t2_star_of(fit)
