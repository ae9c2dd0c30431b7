"""Whether the drive is on resonance: a short Ramsey trace for tasks that a wrong frequency misleads without a sign of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.asks import beside_first
from qdash_tasks.programs.projection import signals

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.asks import Ask

    Floats = NDArray[np.float64]

_Found = TypeVar("_Found")

OFF_FOR_AMPLITUDES_MHZ = 1.0
"""How far off resonance nothing is said of an amplitude: at 2 MHz it is about one standard deviation wrong, at 5 twelve."""
OFF_FOR_DRAG_MHZ = 0.15
"""How far off resonance nothing is said of a DRAG coefficient: a detuning turns the qubit as a wrong one does."""

_NAME = "resonance"
_DELAYS_US = np.arange(0.0, 0.98, 0.04)
_ARTIFICIAL_MHZ = 6.0
_FRINGES_MHZ = np.linspace(0.3, 12.2, 120)
"""What these delays tell apart: offsets from -5.7 to 6.2 MHz."""
_AS_WELL = 0.95
_SURELY = 25.0


def with_resonance(
    wanted: Generator[Ask, Mapping[str, Answer], _Found],
) -> Generator[Ask, Mapping[str, Answer], _Found]:
    """Ask for what is wanted and, in the first call of it, for fringes within 1 us at one artificial detuning."""
    return (yield from beside_first({_NAME: Ramsey(_DELAYS_US, _ARTIFICIAL_MHZ)}, wanted))


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
    bases = _bases(tuple(signal.x.tolist()))
    explained = np.sum((bases @ (signal.y / np.sqrt(np.mean(signal.sigma**2)))) ** 2, axis=1)
    offsets = _FRINGES_MHZ - _ARTIFICIAL_MHZ
    near = float(explained[np.abs(offsets) <= within_mhz].max())
    if near < _AS_WELL * float(explained.max()) - _SURELY:
        raise AnalysisError(
            f"the drive is {abs(offsets[explained.argmax()]):.2g} MHz off resonance, as Ramsey fringes show, which falsifies "
            "the result without a sign of it: calibrate the frequency first"
        )


@lru_cache(maxsize=8)
def _bases(delays_us: tuple[float, ...]) -> Floats:
    """Orthonormal bases of a constant, a cosine and a sine at each frequency but for the constant, shape (f, 2, n)."""
    phase = 2 * np.pi * np.multiply.outer(_FRINGES_MHZ, delays_us)
    columns = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=-1)
    return np.ascontiguousarray(np.linalg.qr(columns)[0][..., 1:].swapaxes(1, 2))
