"""How a driven Bloch vector turns and shrinks: closed form, many parameter sets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

_TAU = 2 * np.pi
_STILL = 1e-12
_TOO_SMALL = 1e-7
_LARGEST = 30.0


class Drive(NamedTuple):
    """Generators of motion, one row each.

    Attributes
    ----------
    rates_mhz
        Rotation vectors, shape ``(g, 3)``: H/h = (x X + y Y + z Z) / 2, right-handed turns at their length.
    decay, anisotropy
        Decay per us, shape ``(g,)``: ``decay + anisotropy / 2`` of X and Y, ``decay - anisotropy / 2`` of Z. With
        relaxation alone they are (1/T1 + 1/T2)/2 and 1/T2 - 1/T1.
    drift
        Drift of Z towards +1 per us, shape ``(g,)``; 1/T1 at zero temperature.
    start
        Bloch vector at time zero, shape ``(g, 3)``.
    """

    rates_mhz: Floats
    decay: Floats
    anisotropy: Floats
    drift: Floats
    start: Floats


def trajectory(drive: Drive, times_us: Floats) -> Floats:
    """Bloch vectors, shape ``(g, 3, n)``, at the times of shape ``(g, n)``.

    Solves ``dr/dt = 2 pi rates x r - decays r + drift z`` (Bloch, Phys. Rev. 70, 460 (1946)) by the eigenvectors of its
    matrix.
    """
    values, vectors = np.linalg.eig(_matrix(drive))
    north = np.zeros_like(drive.start)
    north[:, 2] = 1.0
    parts = np.linalg.solve(vectors, np.stack([drive.start, north], axis=-1).astype(np.complex128))
    start, drift = parts[..., :1], parts[..., 1:] * drive.drift[:, None, None]
    values = np.where(np.abs(values) < _STILL, _STILL, values)[..., None]
    exponent = values * times_us[:, None, :]
    # A fit on its way may try to let the vector grow.
    exponent = np.minimum(exponent.real, _LARGEST) + 1j * exponent.imag
    turned = np.exp(exponent)
    # What the drift has added up: the integral of exp(values t), which near zero is t itself.
    small = np.abs(exponent) < _TOO_SMALL
    drifted = np.where(small, times_us[:, None, :], (turned - 1) / values)
    motion = start * turned + drift * drifted
    return np.ascontiguousarray((vectors @ motion).real)


def _matrix(drive: Drive) -> Floats:
    x, y, z = _TAU * drive.rates_mhz.T
    across = drive.decay + drive.anisotropy / 2
    matrix = np.zeros((x.size, 3, 3))
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    matrix -= matrix.swapaxes(1, 2)
    matrix[:, 0, 0] = matrix[:, 1, 1] = -across
    matrix[:, 2, 2] = drive.anisotropy / 2 - drive.decay
    return matrix
