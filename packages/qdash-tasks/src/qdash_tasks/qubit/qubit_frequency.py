"""The qubit frequency, in short: how far the drive is off, and on which side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks import declarations
from qdash_tasks.programs.fringes import FringesTask, look_with_both_signs

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.fringes import Floats
    from qdash_tasks.programs.sweep_rounds import Sweep

_POINTS = 51
_FIRST_WINDOWS_US = (2.0, 0.4, 0.1)
_LONGEST_US = 50.0
_STRETCH = 5.0
_WANTED_MHZ = 0.010


class CheckQubitFrequency(FringesTask, declarations.CheckQubitFrequency):
    """Two short traces, which is all that a frequency good to some ten kilohertz takes.

    The window gets longer only where the first one leaves more than 10 kHz, and no longer than the phase lasts.
    """

    expected_s = 1.1

    def search(self, shots: int) -> Generator[Sweep, Trace, tuple[Floats, float]]:
        """Find the offset in a short window, then sharpen it if it needs to be."""
        for window in _FIRST_WINDOWS_US:
            delays, known = np.linspace(0.0, window, _POINTS), 0.0
            found = yield from look_with_both_signs(delays, known, shots)
            if found is not None:
                break
        while found is not None and window < _LONGEST_US:
            settled = found.error_mhz is not None and found.error_mhz < _WANTED_MHZ
            if settled or found.t2_star_us is not None:
                break
            window = min(_STRETCH * window, _LONGEST_US)
            delays, known = np.linspace(0.0, window, _POINTS), found.offset_mhz
            found = yield from look_with_both_signs(delays, known, shots)
        return delays, known
