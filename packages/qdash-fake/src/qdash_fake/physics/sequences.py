"""Populations at the end of the standard pulse sequences.

Each function returns what fraction of the initial inversion is left, so that a start in |0> (inversion 1) and in |1>
(-1) come from one calculation. The pulses are whole rotation matrices: a wrong amplitude or drive frequency shows up
here as it does in a laboratory, as lost contrast and shifted phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]


def ramsey_inversion(
    delay_us: Floats,
    *,
    pulse: Floats,
    detuning_mhz: float,
    artificial_mhz: float,
    coherence: Coherence,
    splittings_mhz: tuple[float, ...],
) -> Floats:
    """Return <Z> after X90, delay, X90 with a phase that advances at `artificial_mhz`.

    The coherence turns at the qubit's offset from the drive plus the artificial one. A neighbour in superposition is
    half the time in |1>: it shifts by zeta/2 and beats at zeta (`splittings_mhz`). The small part of the vector that
    imperfect pulses leave along z keeps its sign and relaxes; its return towards equilibrium is second order in the
    pulse errors and left out.

    Parameters
    ----------
    delay_us
        Shape (n,).
    pulse
        The X90 as played, shape (3, 3).
    """
    offset = detuning_mhz + artificial_mhz + sum(splittings_mhz) / 2
    envelope = coherence.free_decay(delay_us) * _beating(delay_us, splittings_mhz)
    start = pulse[:, 2]
    turn = 2 * np.pi * offset * delay_us
    x = envelope * (start[0] * np.cos(turn) - start[1] * np.sin(turn))
    y = envelope * (start[0] * np.sin(turn) + start[1] * np.cos(turn))
    z = start[2] * coherence.relaxation(delay_us)
    return np.asarray(pulse[2, 0] * x + pulse[2, 1] * y + pulse[2, 2] * z)


def echo_inversion(
    delay_us: Floats,
    *,
    half_pulse: Floats,
    pi_pulse: Floats,
    detuning_mhz: float,
    coherence: Coherence,
    splittings_mhz: tuple[float, ...],
) -> Floats:
    """Return <Z> after X90, half the delay, X180, half the delay, X90.

    The vector is split into its parts at frequency -1, 0 and +1 during each half: parts of opposite sign are
    refocused and decay with the echo, equal ones dephase over the whole delay, parts along z relax. A static ZZ to a
    neighbour that is echoed at the same time is not refocused, since both are flipped.
    """
    half = delay_us / 2
    offset = detuning_mhz + sum(splittings_mhz) / 2
    turn = np.exp(2j * np.pi * offset * half)
    beating = _beating(delay_us, splittings_mhz)
    kept, free, free_half = (
        coherence.echo_decay(delay_us),
        coherence.free_decay(delay_us),
        coherence.free_decay(half),
    )
    relaxed = coherence.relaxation(half)
    # Rows: what the last pulse makes of x + iy; columns: the x + iy that the first one leaves.
    last, first = half_pulse[2, 0] - 1j * half_pulse[2, 1], half_pulse[0, 2] + 1j * half_pulse[1, 2]
    same = ((pi_pulse[0, 0] + pi_pulse[1, 1]) + 1j * (pi_pulse[1, 0] - pi_pulse[0, 1])) / 2
    flip = ((pi_pulse[0, 0] - pi_pulse[1, 1]) + 1j * (pi_pulse[1, 0] + pi_pulse[0, 1])) / 2
    from_z, to_z = pi_pulse[0, 2] + 1j * pi_pulse[1, 2], pi_pulse[2, 0] - 1j * pi_pulse[2, 1]
    refocused = (last * flip * np.conj(first)).real * kept * beating
    dephased = (last * same * first * turn**2).real * free * beating
    crossed = (last * from_z * half_pulse[2, 2] + half_pulse[2, 2] * to_z * first) * turn
    along_z = half_pulse[2, 2] * pi_pulse[2, 2] * half_pulse[2, 2] * relaxed**2
    return np.asarray(refocused + dephased + crossed.real * free_half * relaxed + along_z)


def _beating(delay_us: Floats, splittings_mhz: tuple[float, ...]) -> Floats:
    beating = np.ones_like(delay_us)
    for zeta in splittings_mhz:
        beating = beating * np.cos(np.pi * zeta * delay_us)
    return beating
