"""Populations at the end of the standard pulse sequences.

A pulse is a transfer matrix (4, 4) on (I, X, Y, Z) of the qubit and includes decay and leakage. Leaked population is
read as 1 and does not return.

Each function returns the excited population for a start in |0> and in |1>, two arrays of shape (n,).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.levels import make_relaxation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Both = tuple[Floats, Floats]


class _BlochVectors(NamedTuple):
    """Bloch vectors for both initial states after each delay: trace, x + iy, z, of shape (2,) or (2, n)."""

    trace: Floats
    across: Complexes
    along: Floats


def t1_populations(
    delay_us: Floats, *, flipped: Floats, coherence: Coherence, thermal_population: float
) -> Both:
    """Return excited populations after X180 and a delay.

    `flipped` are populations of the three levels after the pulse, from |0> and from |1>, shape (2, 3).
    """
    to_ground = make_relaxation(coherence.relaxation(delay_us), thermal_population)[:, 0, :]
    ground = flipped @ to_ground.T
    return 1 - ground[0], 1 - ground[1]


def ramsey_populations(
    delay_us: Floats,
    *,
    pulse: Floats,
    detuning_mhz: Floats | float,
    artificial_mhz: float,
    coherence: Coherence,
    equilibrium: float,
    splittings_mhz: tuple[float, ...],
) -> Both:
    """Return excited populations after X90, a delay, and X90 with a phase that advances at `artificial_mhz`.

    The coherence rotates at the detuning, of all points or of each (n,), plus the artificial one. A neighbour in an equal
    superposition shifts the frequency by zeta/2 and makes the fringe beat with cos(pi zeta t) (zeta: `splittings_mhz`).
    `pulse` is the transfer matrix (4, 4) of the X90 as played, `equilibrium` is z in thermal equilibrium.
    """
    start = _start(pulse)
    turn = np.exp(-2j * np.pi * (detuning_mhz + artificial_mhz + sum(splittings_mhz) / 2) * delay_us)
    envelope = coherence.free_decay(delay_us) * _compute_beating(delay_us, splittings_mhz) * turn
    relaxed = coherence.relaxation(delay_us)
    along = _relax(start, relaxed, equilibrium)
    return _read(pulse, _BlochVectors(start.trace, start.across[:, None] * envelope, along))


def echo_populations(
    delay_us: Floats,
    *,
    half_pulse: Floats,
    pi_pulse: Floats,
    detuning_mhz: float,
    coherence: Coherence,
    equilibrium: float,
    splittings_mhz: tuple[float, ...],
) -> Both:
    """Return excited populations after X90, half the delay, X180, half the delay, X90.

    The X180 is about +x and -x at alternate points. Coherence orders of opposite sign in both halves are refocused and
    decay with the echo, equal ones dephase over the whole delay. A static ZZ to a neighbour that is echoed at the same
    time is not refocused.
    """
    half = delay_us / 2
    turn = np.exp(-2j * np.pi * (detuning_mhz + sum(splittings_mhz) / 2) * half)
    beating = _compute_beating(delay_us, splittings_mhz)
    free_half, relaxed = coherence.free_decay(half), coherence.relaxation(half)
    start = _start(half_pulse)
    waited = _relax(start, relaxed, equilibrium)
    first, trace = start.across[:, None], start.trace[:, None]
    # For a pulse about -x the elements that couple x and y to z and the trace change sign.
    side = np.where(np.arange(delay_us.size) % 2, -1.0, 1.0)
    # Factors of the pi pulse from x + iy and from its conjugate to x + iy.
    same = ((pi_pulse[1, 1] + pi_pulse[2, 2]) + 1j * (pi_pulse[2, 1] - pi_pulse[1, 2])) / 2
    flip = ((pi_pulse[1, 1] - pi_pulse[2, 2]) + 1j * (pi_pulse[2, 1] + pi_pulse[1, 2])) / 2
    across = (
        flip * first.conj() * coherence.echo_decay(delay_us) * beating
        + same * first * turn**2 * coherence.free_decay(delay_us) * beating
        + side * _project(pi_pulse, trace, waited) * turn * free_half
    )
    swung = side * (first * turn * free_half * (pi_pulse[3, 1] - 1j * pi_pulse[3, 2])).real
    leaked = side * (first * turn * free_half * (pi_pulse[0, 1] - 1j * pi_pulse[0, 2])).real
    along = pi_pulse[3, 0] * trace + swung + pi_pulse[3, 3] * waited
    kept = pi_pulse[0, 0] * trace + leaked + pi_pulse[0, 3] * waited
    end = _relax(_BlochVectors(kept, across, along), relaxed, equilibrium)
    return _read(half_pulse, _BlochVectors(kept, across, end))


def _start(pulse: Floats) -> _BlochVectors:
    """Return the states after the first pulse from |0> and from |1>."""
    sign = np.array([1.0, -1.0])
    return _BlochVectors(
        pulse[0, 0] + sign * pulse[0, 3], _project(pulse, 1.0, sign), pulse[3, 0] + sign * pulse[3, 3]
    )


def _project(pulse: Floats, trace: Floats | float, along: Floats) -> Complexes:
    column = pulse[1] + 1j * pulse[2]
    return np.asarray(column[0] * trace + column[3] * along)


def _relax(state: _BlochVectors, relaxed: Floats, equilibrium: float) -> Floats:
    trace, along = (values.reshape(2, -1) for values in (state.trace, state.along))
    return np.asarray(equilibrium * trace + (along - equilibrium * trace) * relaxed)


def _read(pulse: Floats, state: _BlochVectors) -> Both:
    """Return the excited populations after the last pulse."""
    row = (pulse[0] + pulse[3]) / 2
    across = (state.across * (row[1] - 1j * row[2])).real
    ground = row[0] * state.trace.reshape(2, -1) + across + row[3] * state.along
    return 1 - ground[0], 1 - ground[1]


def _compute_beating(delay_us: Floats, splittings_mhz: tuple[float, ...]) -> Floats:
    beating = np.ones_like(delay_us)
    for zeta in splittings_mhz:
        beating = beating * np.cos(np.pi * zeta * delay_us)
    return beating
