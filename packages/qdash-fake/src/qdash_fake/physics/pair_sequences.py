"""Pulse sequences on two coupled qubits, their final states, and the steady state of many shots.

Basis states are ordered 00, 01, 10, 11, control first. Arrays of populations are (..., 4, 4): by the initial state
of a shot, then by the state before readout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.pair_pulses import NO_STEP, NOTHING, PairPulses, Step, z_turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.shots import Repetition

    Floats = NDArray[np.float64]

_STATE = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, -1.0]])
STARTS: Floats = np.einsum("ai,bj->ijab", _STATE, _STATE).reshape(16, 4)
"""The four basis states as vectors (II, IX, ..., ZZ), shape (16, 4)."""

_LEAKED = np.array([0.0, 0.0, 0.5, 0.5])
"""Populations after leakage: the control, which is driven hardest, reads 1, and the target's state is
random.
"""


def populations(states: Floats) -> Floats:
    """Return populations of the basis states of vectors (..., 16, 4), one column per start, shape (..., 4,
    4).
    """
    found = np.moveaxis(states, -1, -2) @ STARTS / 4
    return np.asarray(found + (1 - states[..., 0, :, None]) * _LEAKED)


def ends(channels: Floats) -> Floats:
    """Return populations after channels (..., 16, 16), shape (..., 4, 4)."""
    return populations(channels @ STARTS)


def before_readout(
    reached: Floats, control: QubitTruth, target: QubitTruth, repetition: Repetition
) -> Floats:
    """Return populations (..., 4) just before readout in the steady state of many shots of one point.

    After an active reset each qubit starts in |1> with its own probability. With a wait alone a shot starts from
    the relaxed state of the last one: the distribution P of the initial states solves ``P = R E P``.
    Transitions caused by the readout itself are neglected.

    Parameters
    ----------
    reached
        Populations by initial state, shape (..., 4, 4).
    """
    if repetition.reset == "active":
        residual = (qubit.active_reset.residual for qubit in (control, target))
        start = np.kron(*([1 - left, left] for left in residual))
    else:
        relaxed = np.kron(*(_relaxed(qubit, repetition.interval_us) for qubit in (control, target)))
        start = _stationary(np.moveaxis(relaxed @ np.moveaxis(reached, -1, -2), -1, -2))
    return np.asarray((start[..., None, :] @ reached)[..., 0, :])


def _relaxed(qubit: QubitTruth, wait_us: float) -> Floats:
    """Return the probabilities of |0> and |1> after the wait (rows) by the state before (columns), shape (2,
    2).
    """
    lost = -np.expm1(-wait_us / qubit.coherence.t1_us)
    up, down = qubit.thermal_population * lost, (1 - qubit.thermal_population) * lost
    return np.array([[1 - up, down], [up, 1 - down]])


def _stationary(transitions: Floats) -> Floats:
    """Return the stationary distribution (..., 4) of transitions (..., 4, 4), by state before and after."""
    equations = np.moveaxis(transitions, -1, -2) - np.eye(4)
    equations[..., 0, :] = 1.0
    total = np.zeros((*equations.shape[:-2], 4, 1))
    total[..., 0, 0] = 1.0
    return np.asarray(np.linalg.solve(equations, total)[..., 0])


def bell(pulses: PairPulses, gate: Step) -> Step:
    """Return the sequence that makes ``(|00> + |11>) / sqrt(2)`` from |00>, up to pulse errors.

    The control's X90 about y and ZX90 make ``(|0>|-i> + |1>|+i>) / sqrt(2)``; the target's X90 about -x turns
    that to ``(|00> + i |11>) / sqrt(2)``, and a virtual Z of the control takes the phase out. <XX> = 1, <YY>
    = -1, <ZZ> = 1.
    """
    last = pulses.together(target=pulses.target.turned_x90(np.pi))
    phase = Step(np.asarray(np.kron(z_turn(-np.pi / 2), np.eye(4)), dtype=np.float64), 0.0)
    return pulses.together(pulses.control.turned_x90(np.pi / 2)).then(gate).then(last).then(phase)


def reading(pulses: PairPulses, bases: str) -> Step:
    """Return the pulses that rotate two Pauli operators, control first, onto the readout axis."""
    return pulses.together(pulses.control.reading(bases[0]), pulses.target.reading(bases[1]))


def tone_ends(pulses: PairPulses, tones: Floats, *, before: Step = NO_STEP) -> Floats:
    """Return populations after tones, with the target's X, Y, Z read for the control in |0>, then in |1>.

    Parameters
    ----------
    tones
        Shape (n, 16, 16).
    before
        What comes before the control is commanded.

    Returns
    -------
    ndarray
        Shape (6, n, 4, 4).
    """
    found = []
    for state in (0, 1):
        driven = tones @ (before.then(pulses.commanding(state, 0)).channel @ STARTS)
        found += [populations(reading(pulses, f"Z{component}").channel @ driven) for component in "XYZ"]
    return np.stack(found)


def train_ends(channel: Floats, counts: NDArray[np.intp], *, before: Step = NO_STEP) -> Floats:
    """Return populations after gate trains, shape (n, 4, 4), from powers of two of the gate."""
    states = np.tile(before.channel @ STARTS, (counts.size, 1, 1))
    power = channel
    for bit in range(int(counts.max()).bit_length()):
        power = power @ power if bit else power
        chosen = (counts >> bit) % 2 == 1
        states[chosen] = power @ states[chosen]
    return populations(states)


def conditional_ramsey_ends(
    pulses: PairPulses, waits: Floats, delays_us: Floats, *, control_state: int, artificial_mhz: float
) -> Floats:
    """Return populations after X90 of the target, a wait, and X90 with an advancing phase, shape (n, 4, 4).

    Parameters
    ----------
    waits
        Channels of both qubits left alone, shape (n, 16, 16).
    control_state
        What is commanded of the control before.
    """
    half = pulses.together(NOTHING, pulses.target.x90)
    prepared = pulses.commanding(control_state, 0).then(half)
    turns = z_turn(-2 * np.pi * artificial_mhz * delays_us)
    states = waits @ (prepared.channel @ STARTS)
    turned = np.einsum("nij,ncjs->ncis", turns, states.reshape(-1, 4, 4, 4)).reshape(-1, 16, 4)
    return populations(half.channel @ turned)
