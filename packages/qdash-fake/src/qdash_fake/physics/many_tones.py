"""Coherent evolution of many tones at once, accurate enough to search for the best one.

As in `pair_propagators`, with fewer slices of an edge and only the computational states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.pair import COMPUTATIONAL, CONTROL_NUMBER, SIZE
from qdash_fake.physics.pair_propagators import RISE_NS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.pair import Transmons

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Numbers = NDArray[np.float64] | NDArray[np.complex128]

_SLICES = 64
"""Number of slices of an edge. With 32, the slice rates of 570 and 1140 MHz drive transitions of the control, which
leaks 1 %.
"""

_EDGE_US = RISE_NS * 1e-3


class ManyTones(NamedTuple):
    """Evolution of the edges of n tones, and the energies (MHz) of their flat parts, shape (n, 12).

    `rise` (n, 12, 4) leads from the computational states into the basis of the flat part's eigenstates, `fall` (n, 4, 12)
    back.
    """

    rise: Complexes
    fall: Complexes
    energies_mhz: Floats

    @classmethod
    def from_frequencies(cls, transmons: Transmons, control_mhz: Floats, target_mhz: Numbers) -> ManyTones:
        """Compute tones at the target's true frequency, from the Rabi frequencies of both, shape (n,).

        The phase of the first is zero; a real second one takes half of the time.
        """
        dressed = transmons.dressed
        undriven = dressed.energies_at(0.0)
        on_control, on_target = control_mhz[:, None, None], target_mhz[:, None, None]
        drive = (
            on_control * (dressed.control + dressed.control.T)
            + on_target * dressed.target.T
            + on_target.conj() * dressed.target
        ) / 2
        energies, flat = np.linalg.eigh(np.diag(undriven) + drive)
        strengths, driven = np.linalg.eigh(drive)
        coarse, fine = (
            _propagate_slices(undriven, strengths, driven, count) for count in (_SLICES // 2, _SLICES)
        )
        # Both have an error of second order in their slices, which the difference reveals (Richardson).
        rise, fall = (
            _make_isometric(more + (more - less) / 3) for less, more in zip(coarse, fine, strict=True)
        )
        return cls(_compute_adjoint(flat) @ rise, fall.swapaxes(-1, -2) @ flat, energies)

    def evolutions(self, durations_us: Floats, frames_mhz: float) -> Complexes:
        """Return the evolution of the computational states during tones of m lengths each, shape (n, m, 4, 4).

        The lengths include both edges, shape (n, m). `frames_mhz` is the control's frame minus the target's, which is
        the tone's.
        """
        flat_us = durations_us - 2 * _EDGE_US
        turned = np.exp(-2j * np.pi * flat_us[:, :, None] * self.energies_mhz[:, None, :])
        by_state = self.fall.swapaxes(1, 2)[:, :, :, None] * self.rise[:, :, None, :]
        found = (turned @ by_state.reshape(-1, SIZE, 16)).reshape(*durations_us.shape, 4, 4)
        number = CONTROL_NUMBER[COMPUTATIONAL]
        frames = np.exp(2j * np.pi * frames_mhz * durations_us[:, :, None] * number)
        return np.asarray(frames[..., None] * found)


def _propagate_slices(
    undriven_mhz: Floats, strengths_mhz: Floats, driven: Numbers, count: int
) -> tuple[Complexes, Complexes]:
    """Return the columns of rising edges and the transposed rows of falling edges, both (n, 12, 4).

    Slices as in `pair_propagators`. A falling edge is the transposed rising edge of the transposed Hamiltonian, the
    same one if real.
    """
    slice_us = _EDGE_US / count
    rising = (1 - np.cos(np.pi * (np.arange(count) + 0.5) / count)) / 2
    half = np.exp(-1j * np.pi * slice_us * undriven_mhz)
    kicks = np.exp(-2j * np.pi * slice_us * rising[:, None, None] * strengths_mhz)[..., None]

    def rise(basis: Numbers) -> Complexes:
        back = _compute_adjoint(basis)
        between = (back * half**2) @ basis
        found = (back * half)[:, :, COMPUTATIONAL]
        found = kicks[0] * found
        for kick in kicks[1:]:
            found = kick * (between @ found)
        return np.asarray(half[:, None] * (basis @ found))

    risen = rise(driven)
    return risen, rise(driven.conj()) if np.iscomplexobj(driven) else risen


def _make_isometric(edges: Complexes) -> Complexes:
    """Return edges (n, 12, 4) as isometries, to second order in their loss."""
    return np.asarray(edges @ (1.5 * np.eye(4) - 0.5 * (_compute_adjoint(edges) @ edges)))


def _compute_adjoint(matrices: Numbers) -> Numbers:
    return matrices.conj().swapaxes(-1, -2)
