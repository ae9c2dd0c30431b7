"""Populations at the end of the standard pulse sequences.

A pulse is the action of its channel on the qubit's (I, X, Y, Z), a (4, 4) transfer matrix that includes decay and leakage
during the pulse: a wrong amplitude or drive frequency appears here as in a laboratory, as lost contrast and
shifted phases. Population that has leaked out of the qubit is read as 1 and stays there.

Each function returns the excited population for a start in |0> and in |1>, two arrays of shape (n,).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.levels import relaxing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Both = tuple[Floats, Floats]


class _Qubit(NamedTuple):
    """Trace, x + iy and z of the two starts after each delay, shapes (2,) or (2, n)."""

    trace: Floats
    across: Complexes
    along: Floats


def t1_populations(
    delay_us: Floats, *, flipped: Floats, coherence: Coherence, thermal_population: float
) -> Both:
    """Return excited populations a delay after an X180.

    Parameters
    ----------
    delay_us
        Shape (n,).
    flipped
        Populations of the three levels after the pulse, from |0> and from |1>, shape (2, 3).
    """
    to_ground = relaxing(coherence.relaxation(delay_us), thermal_population)[:, 0, :]
    ground = flipped @ to_ground.T
    return 1 - ground[0], 1 - ground[1]


def ramsey_populations(
    delay_us: Floats,
    *,
    pulse: Floats,
    detuning_mhz: float,
    artificial_mhz: float,
    coherence: Coherence,
    equilibrium: float,
    splittings_mhz: tuple[float, ...],
) -> Both:
    """Return excited populations after X90, delay, X90 with a phase that advances at `artificial_mhz`.

    The coherence turns at the qubit's offset from the drive plus the artificial one. A neighbour in
    superposition is half the time in |1>: it shifts by zeta/2 and beats at zeta (`splittings_mhz`).

    Parameters
    ----------
    delay_us
        Shape (n,).
    pulse
        Transfer matrix of the X90 as played, shape (4, 4).
    equilibrium
        z to which the qubit relaxes.
    """
    start = _started(pulse)
    turn = np.exp(-2j * np.pi * (detuning_mhz + artificial_mhz + sum(splittings_mhz) / 2) * delay_us)
    envelope = coherence.free_decay(delay_us) * _beating(delay_us, splittings_mhz) * turn
    relaxed = coherence.relaxation(delay_us)
    along = _relaxing(start, relaxed, equilibrium)
    return _read(pulse, _Qubit(start.trace, start.across[:, None] * envelope, along))


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
    """Return excited populations after X90, half the delay, X180, half the delay, X90; the X180 alternating
    about +x and -x.

    The vector is split into its parts at frequency -1, 0 and +1 during each half: parts of opposite sign are
    refocused and decay with the echo, equal ones dephase over the whole delay, parts along z relax. A static
    ZZ to a neighbour that is echoed at the same time is not refocused, since both are flipped.
    """
    half = delay_us / 2
    turn = np.exp(-2j * np.pi * (detuning_mhz + sum(splittings_mhz) / 2) * half)
    beating = _beating(delay_us, splittings_mhz)
    free_half, relaxed = coherence.free_decay(half), coherence.relaxation(half)
    start = _started(half_pulse)
    waited = _relaxing(start, relaxed, equilibrium)
    first, trace = start.across[:, None], start.trace[:, None]
    # About -x a pulse has the opposite sign in the elements that join x and y with z and the trace.
    side = np.where(np.arange(delay_us.size) % 2, -1.0, 1.0)
    # What the pi pulse makes of x + iy and of its conjugate.
    same = ((pi_pulse[1, 1] + pi_pulse[2, 2]) + 1j * (pi_pulse[2, 1] - pi_pulse[1, 2])) / 2
    flip = ((pi_pulse[1, 1] - pi_pulse[2, 2]) + 1j * (pi_pulse[2, 1] + pi_pulse[1, 2])) / 2
    across = (
        flip * first.conj() * coherence.echo_decay(delay_us) * beating
        + same * first * turn**2 * coherence.free_decay(delay_us) * beating
        + side * _across(pi_pulse, trace, waited) * turn * free_half
    )
    swung = side * (first * turn * free_half * (pi_pulse[3, 1] - 1j * pi_pulse[3, 2])).real
    leaked = side * (first * turn * free_half * (pi_pulse[0, 1] - 1j * pi_pulse[0, 2])).real
    along = pi_pulse[3, 0] * trace + swung + pi_pulse[3, 3] * waited
    kept = pi_pulse[0, 0] * trace + leaked + pi_pulse[0, 3] * waited
    end = _relaxing(_Qubit(kept, across, along), relaxed, equilibrium)
    return _read(half_pulse, _Qubit(kept, across, end))


def _started(pulse: Floats) -> _Qubit:
    """Return the states after the first pulse from |0> and from |1>."""
    sign = np.array([1.0, -1.0])
    return _Qubit(
        pulse[0, 0] + sign * pulse[0, 3], _across(pulse, 1.0, sign), pulse[3, 0] + sign * pulse[3, 3]
    )


def _across(pulse: Floats, trace: Floats | float, along: Floats) -> Complexes:
    column = pulse[1] + 1j * pulse[2]
    return np.asarray(column[0] * trace + column[3] * along)


def _relaxing(state: _Qubit, relaxed: Floats, equilibrium: float) -> Floats:
    trace, along = (values.reshape(2, -1) for values in (state.trace, state.along))
    return np.asarray(equilibrium * trace + (along - equilibrium * trace) * relaxed)


def _read(pulse: Floats, state: _Qubit) -> Both:
    """Return excited populations after the last pulse: everything outside |0>."""
    row = (pulse[0] + pulse[3]) / 2
    across = (state.across * (row[1] - 1j * row[2])).real
    ground = row[0] * state.trace.reshape(2, -1) + across + row[3] * state.along
    return 1 - ground[0], 1 - ground[1]


def _beating(delay_us: Floats, splittings_mhz: tuple[float, ...]) -> Floats:
    beating = np.ones_like(delay_us)
    for zeta in splittings_mhz:
        beating = beating * np.cos(np.pi * zeta * delay_us)
    return beating
