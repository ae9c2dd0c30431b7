"""Two coupled qubits with perfect instantaneous pulses, which tests order, phases and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import expm

from .player import FULL_SCALE_MHZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Play, Program

_X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
_Y = np.array([[0, -1j], [1j, 0]])
_Z = np.diag([1, -1]).astype(np.complex128)
_ONE = np.eye(2)


def populations(program: Program, control: str, target: str) -> NDArray[np.float64]:
    """Return the populations of 00, 01, 10, 11, control first; a tone towards the target rotates by a quarter
    of pi about ZX.
    """
    state = np.array([1, 0, 0, 0], dtype=np.complex128)
    for play in sorted(program.plays, key=lambda one: (one.end_ns, one.start_ns)):
        state = expm(-0.5j * _turn(play, control, target)) @ state
    return np.abs(state) ** 2


def _turn(play: Play, control: str, target: str) -> NDArray[np.complex128]:
    axis = np.cos(play.phase_rad) * _X + np.sin(play.phase_rad) * _Y
    if play.toward is not None:
        assert (play.line, play.toward) == (control, target)
        return np.pi / 4 * np.sign(play.amplitude) * np.kron(_Z, axis)
    angle = 1e-3 * np.pi * FULL_SCALE_MHZ * play.amplitude * play.waveform.length_ns
    return angle * (np.kron(axis, _ONE) if play.line == control else np.kron(_ONE, axis))
