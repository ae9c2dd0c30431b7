"""Rotation and decay of driven Bloch vectors in closed form, for many parameter sets at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats

    Complexes = NDArray[np.complex128]

_TAU = 2 * np.pi
_STILL = 1e-12
_TOO_SMALL = 1e-7
_LARGEST = 30.0


class DriveParameters(NamedTuple):
    """Parameters of the motion of Bloch vectors, one row per set.

    rates_mhz
        Rotation vectors, shape ``(g, 3)``: H/h = (x X + y Y + z Z) / 2, right-handed rotations at the rate of
        their length.
    decay, anisotropy
        Decay per µs, shape ``(g,)``: ``decay + anisotropy / 2`` of X and Y, ``decay - anisotropy / 2`` of Z.
        With
        relaxation alone they are (1/T1 + 1/T2)/2 and 1/T2 - 1/T1.
    drift
        Drift of Z towards +1 per µs, shape ``(g,)``; 1/T1 at zero temperature.
    start
        Bloch vector at time zero, shape ``(g, 3)``.
    """

    rates_mhz: Floats
    decay: Floats
    anisotropy: Floats
    drift: Floats
    start: Floats


def compute_trajectory(modes: Modes, times_us: Floats) -> Floats:
    """Return Bloch vectors, shape ``(g, 3, n)``, at the times of shape ``(g, n)``.

    Solves ``dr/dt = 2 pi rates x r - decays r + drift z`` (Bloch, Phys. Rev. 70, 460 (1946)).
    """
    exponent = modes.compute_exponents(times_us)
    turned = np.exp(exponent)
    # Integral of exp(values t) from the drift, which is t itself near zero.
    small = np.abs(exponent) < _TOO_SMALL
    drifted = np.where(small, times_us[:, None, :], (turned - 1) / modes.values)
    motion = modes.start * turned + modes.drift * drifted
    return np.ascontiguousarray((modes.vectors @ motion).real)


def compute_switch_change(before: Modes, after: Modes, per_us: Floats, times_us: Floats) -> Floats:
    """Return the change of Bloch vectors that switch from `before` to `after` at a random time, shape ``(g, 3, n)``.

    With the evolutions ``R`` and ``S`` of both, it is ``e^(-p t) R(t) r - R(t) r`` and ``integral of p e^(-p
    s) S(t - s) R(s) r``. The drift is neglected: it enters only as its product with the rate.

    `per_us` is the rate at which they switch, shape ``(g,)``; times have the shape ``(g, n)``.
    """
    # In modes the integral is a divided difference of exponentials.
    weights = np.linalg.solve(after.vectors, before.vectors) * before.start[:, None, :, 0]
    stays, goes = before.compute_exponents(times_us), after.compute_exponents(times_us)[:, :, None]
    leaves = (stays - per_us[:, None, None] * times_us[:, None, :])[:, None]
    difference = leaves - goes
    small = np.abs(difference) < _TOO_SMALL
    ended = np.exp(goes)
    growth = np.where(small, ended, (np.exp(leaves) - ended) / np.where(small, 1.0, difference))
    arrived = (weights[..., None] * growth).sum(axis=2) * (per_us[:, None] * times_us)[:, None, :]
    left = before.start * (np.exp(leaves[:, 0]) - np.exp(stays))
    return np.ascontiguousarray((after.vectors @ arrived + before.vectors @ left).real)


class Modes(NamedTuple):
    """Normal modes of a motion: eigenvalues, eigenvectors, and start and drift in their basis.

    Eigenvectors have shape ``(g, 3, 3)``, all others ``(g, 3, 1)``.
    """

    values: Complexes
    vectors: Complexes
    start: Complexes
    drift: Complexes

    @classmethod
    def from_drive(cls, drive: DriveParameters) -> Modes:
        values, vectors = np.linalg.eig(_build_generator(drive))
        north = np.zeros_like(drive.start)
        north[:, 2] = 1.0
        parts: Complexes = np.linalg.solve(
            vectors, np.stack([drive.start, north], axis=-1).astype(np.complex128)
        )
        drift = parts[..., 1:] * drive.drift[:, None, None].astype(np.complex128)
        values = np.where(np.abs(values) < _STILL, _STILL, values)[..., None]
        return cls(values, vectors, parts[..., :1], drift)

    def compute_exponents(self, times_us: Floats) -> Complexes:
        """Return eigenvalues times times, shape ``(g, 3, n)``, with limited growth: a fit may try a growing vector."""
        exponent = self.values * times_us[:, None, :]
        return np.asarray(np.minimum(exponent.real, _LARGEST) + 1j * exponent.imag)


def _build_generator(drive: DriveParameters) -> Floats:
    x, y, z = _TAU * drive.rates_mhz.T
    across = drive.decay + drive.anisotropy / 2
    matrix = np.zeros((x.size, 3, 3))
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    matrix -= matrix.swapaxes(1, 2)
    matrix[:, 0, 0] = matrix[:, 1, 1] = -across
    matrix[:, 2, 2] = drive.anisotropy / 2 - drive.decay
    return matrix
