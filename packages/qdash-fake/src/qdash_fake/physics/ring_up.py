"""Rise of the readout signal after the start of its pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.resonator import Resonator

    Floats = NDArray[np.float64]


def average_windows(
    resonator: Resonator, probe_ghz: float, starts_ns: Floats, window_ns: float, *, excited: int
) -> NDArray[np.complex128]:
    """Return the mean of S21 in windows after the start of a rectangular pulse, complex, shape (n,).

    After the delay of the cables the wave passes the notch, and the field of the resonator takes its part away:

    ``S21(t) = S21 + g (1 - S21 / g) exp(-(kappa / 2 + i (w - wr)) t)``,  g: S21 far from the resonance.

    Through a resonator S21 itself rises from zero.
    """
    settled = complex(resonator.transmission(probe_ghz, excited=excited))
    offset_mhz = (probe_ghz - resonator.frequency_ghz) * 1e3 - excited * resonator.shift_mhz
    missing = complex(resonator.take(probe_ghz, excited=excited))
    vanishing = -settled if resonator.through else settled * missing / (1 - missing)
    rate = np.pi * 1e-3 * (resonator.linewidth_mhz + 2j * offset_mhz)
    begin, end = (np.maximum(starts_ns + one - resonator.delay_ns, 0.0) for one in (0.0, window_ns))
    rise = (np.exp(-rate * begin) - np.exp(-rate * end)) / rate
    return np.asarray((settled * (end - begin) + vanishing * rise) / window_ns)
