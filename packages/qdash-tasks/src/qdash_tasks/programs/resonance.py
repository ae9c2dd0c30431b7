"""Whether the drive is on resonance: a short Ramsey trace for tasks that a wrong frequency misleads without a sign of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.programs.projection import signals
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

_NAME = "resonance"
_DELAYS_US = np.arange(0.0, 0.98, 0.04)
_ARTIFICIAL_MHZ = 6.0
_FRINGES_MHZ = np.linspace(0.3, 12.2, 120)
"""What these delays tell apart: offsets from -5.7 to 6.2 MHz."""
_ENOUGH_SHOTS = 256
_AS_WELL = 0.95
_SURELY = 25.0


def resonance_trace(shots: int) -> Generator[Sweep, Trace, None]:
    """Ask for fringes within 1 us, at one artificial detuning; they need no more than some shots."""
    yield Sweep(_NAME, _DELAYS_US, min(shots, _ENOUGH_SHOTS), knob=_ARTIFICIAL_MHZ, kind="ramsey")


def require_resonance(raw: RawData, *, within_mhz: float) -> None:
    """Raise `AnalysisError` when fringes further than `within_mhz` from those of resonance describe the trace better.

    Nothing is said where there is no trace, as in data of before there were any, or no fringe in it: the task's own data
    tell why.
    """
    if f"{_NAME}_iq" not in raw.arrays:
        return
    try:
        (signal,) = signals(raw, (_NAME,), x_name="delay")
    except AnalysisError:
        return
    explained = np.sum((_bases() @ (signal.y / np.sqrt(np.mean(signal.sigma**2)))) ** 2, axis=1)
    offsets = _FRINGES_MHZ - _ARTIFICIAL_MHZ
    near = float(explained[np.abs(offsets) <= within_mhz].max())
    if near < _AS_WELL * float(explained.max()) - _SURELY:
        raise AnalysisError(
            f"the drive is {abs(offsets[explained.argmax()]):.2g} MHz off resonance, as Ramsey fringes show, which falsifies "
            "the result without a sign of it: calibrate the frequency first"
        )


@cache
def _bases() -> Floats:
    """Orthonormal bases of a constant, a cosine and a sine at each frequency but for the constant, shape (f, 2, n)."""
    phase = 2 * np.pi * np.multiply.outer(_FRINGES_MHZ, _DELAYS_US)
    columns = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=-1)
    return np.ascontiguousarray(np.linalg.qr(columns)[0][..., 1:].swapaxes(1, 2))
