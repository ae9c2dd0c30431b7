"""Resonance check: a short Ramsey trace for tasks that a wrong drive frequency would mislead."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, add_to_first_call
from qdash_tasks.programs.projection import project_signals

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]

_Result = TypeVar("_Result")

OFF_FOR_AMPLITUDES_MHZ = 1.0
"""Detuning above which an amplitude is rejected: at 2 MHz it is about one standard deviation wrong, at 5
twelve.
"""
OFF_FOR_DRAG_MHZ = 0.15
"""Detuning above which a DRAG coefficient is rejected: a detuning rotates the qubit like a wrong
coefficient.
"""

RESONANCE = "resonance"
RESONANCE_TRACE = {
    RESONANCE: MeasurementDeclaration(Ramsey, "fringes that show whether the drive is on resonance")
}
"""Trace declared by tasks that use `add_resonance_check`."""
_DELAYS_US = 8e-3 * np.array(
    [0, 6, 9, 16, 20, 26, 29, 35, 41, 44, 51, 54, 60, 66, 69, 76, 80, 84, 91, 94, 101, 105, 109, 116, 120]
)
"""Delays off any regular grid, so that fringes of tens of MHz, of a generator whose phase restarts, are no
alias of slow ones.
"""
ARTIFICIAL_MHZ = 6.0
_FRINGES_MHZ = np.linspace(0.3, 60.2, 600)
"""Fringe frequencies that these delays resolve: offsets from -5.7 to 54 MHz."""
_DECAYS_US = (math.inf, 0.6, 0.2)
_AS_WELL = 0.95
_SURELY = 25.0


def add_resonance_check(
    program: Generator[MeasurementCall, Mapping[str, Answer], _Result],
) -> Generator[MeasurementCall, Mapping[str, Answer], _Result]:
    """Run `program`; measure a short Ramsey trace in its first call."""
    return (yield from add_to_first_call({RESONANCE: Ramsey(_DELAYS_US, ARTIFICIAL_MHZ)}, program))


def require_resonance(raw: RawData, *, within_mhz: float) -> None:
    """Raise `AnalysisError` if fringes further than `within_mhz` from resonance describe the trace better.

    Do nothing if there is no trace, as in older data, or no fringe in it.
    """
    explained = _weigh_fringes(raw)
    if explained is None:
        return
    offsets = _FRINGES_MHZ - ARTIFICIAL_MHZ
    near = float(explained[np.abs(offsets) <= within_mhz].max())
    if near < _AS_WELL * float(explained.max()) - _SURELY:
        raise AnalysisError(
            f"the drive is {abs(offsets[explained.argmax()]):.2g}\N{NO-BREAK SPACE}MHz off resonance according to Ramsey fringes, which would falsify the result: calibrate the frequency first; if it is right, check the phases with `qdash lab check CHIP`"
        )


def estimate_offset_mhz(raw: RawData) -> float | None:
    """Return the distance of the drive from resonance in MHz according to the fringes, or None if there are none."""
    explained = _weigh_fringes(raw)
    if explained is None or explained.max() < _SURELY:
        return None
    return float(_FRINGES_MHZ[explained.argmax()] - ARTIFICIAL_MHZ)


def _weigh_fringes(raw: RawData) -> Floats | None:
    """Return the gain in chi² by fringes of each frequency, or None if there is no trace, or no signal in it."""
    if f"{RESONANCE}_iq" not in raw.arrays:
        return None
    try:
        (signal,) = project_signals(raw, (RESONANCE,), x_name="delay")
    except AnalysisError:
        return None
    return compute_improvement(signal, _FRINGES_MHZ)


def compute_improvement(signal: Signal, fringes_mhz: Floats) -> Floats:
    """Return the gain in chi² by fringes of each frequency over a constant, shape (f,).

    The decay is the best of a few: fringes that decay fast look like slow or fast ones.
    """
    values = signal.y / np.sqrt(np.mean(signal.sigma**2))
    axes = tuple(signal.x.tolist()), tuple(fringes_mhz.tolist())
    each = [np.sum((_make_bases(*axes, decay_us) @ values) ** 2, axis=1) for decay_us in _DECAYS_US]
    return np.asarray(np.max(each, axis=0))


@lru_cache(maxsize=8)
def _make_bases(delays_us: tuple[float, ...], fringes_mhz: tuple[float, ...], decay_us: float) -> Floats:
    """Return orthonormal bases of cosine and sine at each frequency without a constant, shape (f, 2, n)."""
    phase = 2 * np.pi * np.multiply.outer(np.array(fringes_mhz), delays_us)
    envelope = np.exp(-np.array(delays_us) / decay_us)
    columns = np.stack([np.ones_like(phase), envelope * np.cos(phase), envelope * np.sin(phase)], axis=-1)
    return np.ascontiguousarray(np.linalg.qr(columns)[0][..., 1:].swapaxes(1, 2))
