"""Pulse sequences on two coupled qubits: final states, and the steady state of many shots.

Basis states are ordered 00, 01, 10, 11, control first. Populations have the shape (..., 4, 4): by the initial state of a
shot, then by the state before readout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.pair_pulses import NO_PULSE, NO_STEP, PairPulses, Step, z_rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.shots import Repetition

    Floats = NDArray[np.float64]

_STATE = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, -1.0]])
STARTS: Floats = np.einsum("ai,bj->ijab", _STATE, _STATE).reshape(16, 4)
"""Basis states as vectors (II, IX, ..., ZZ), one per column, shape (16, 4)."""

_LEAKED = np.array([0.0, 0.0, 0.5, 0.5])
"""Populations after leakage: the control, which is driven hardest, is read as 1, and the target is random."""


def populations(states: Floats) -> Floats:
    """Return the basis-state populations of vectors (..., 16, 4), one column per start, shape (..., 4, 4)."""
    found = np.moveaxis(states, -1, -2) @ STARTS / 4
    return np.asarray(found + (1 - states[..., 0, :, None]) * _LEAKED)


def final_populations(channels: Floats) -> Floats:
    """Return the final populations after channels (..., 16, 16), shape (..., 4, 4)."""
    return populations(channels @ STARTS)


def relax_before_readout(
    reached: Floats, control: QubitTruth, target: QubitTruth, repetition: Repetition
) -> Floats:
    """Return the populations (..., 4) just before readout, in the steady state of many shots of one point.

    After an active reset each qubit is in |1> with its residual probability. With passive reset a shot starts from the
    relaxed final state of the previous one: ``P = R E P`` with the sequence E, populations by initial state, and the
    relaxation R. Transitions caused by the readout are neglected.
    """
    if repetition.reset == "active":
        residual = (qubit.active_reset.residual for qubit in (control, target))
        start = np.kron(*([1 - left, left] for left in residual))
    else:
        relaxed = np.kron(*(_relax(qubit, repetition.interval_us) for qubit in (control, target)))
        start = _find_stationary(np.moveaxis(relaxed @ np.moveaxis(reached, -1, -2), -1, -2))
    return np.asarray((start[..., None, :] @ reached)[..., 0, :])


def _relax(qubit: QubitTruth, wait_us: float) -> Floats:
    """Return the probabilities of |0> and |1> after a wait (rows) by initial state (columns), shape (2, 2)."""
    lost = -np.expm1(-wait_us / qubit.coherence.t1_us)
    up, down = qubit.thermal_population * lost, (1 - qubit.thermal_population) * lost
    return np.array([[1 - up, down], [up, 1 - down]])


def _find_stationary(transitions: Floats) -> Floats:
    """Return the stationary distribution (..., 4) of transition probabilities (..., 4, 4) from rows to columns."""
    equations = np.moveaxis(transitions, -1, -2) - np.eye(4)
    equations[..., 0, :] = 1.0
    total = np.zeros((*equations.shape[:-2], 4, 1))
    total[..., 0, 0] = 1.0
    return np.asarray(np.linalg.solve(equations, total)[..., 0])


def bell_sequence(pulses: PairPulses, gate: Step) -> Step:
    """Return the sequence that prepares ``(|00> + |11>) / sqrt(2)`` from |00>, up to pulse errors.

    A rotation of the control by pi/2 about y, ZX90, a rotation of the target by pi/2 about -x, and a virtual Z of the
    control: <XX> = 1, <YY> = -1, <ZZ> = 1.
    """
    last = pulses.simultaneous(target=pulses.target.rotated_x90(np.pi))
    turn = z_rotation(-np.pi / 2 * pulses.control.phase_sign)
    phase = Step(np.asarray(np.kron(turn, np.eye(4)), dtype=np.float64), 0.0)
    return pulses.simultaneous(pulses.control.rotated_x90(np.pi / 2)).then(gate).then(last).then(phase)


def basis_change(pulses: PairPulses, bases: str) -> Step:
    """Return the pulses that rotate two Pauli operators, control first, onto the readout axis."""
    return pulses.simultaneous(pulses.control.basis_change(bases[0]), pulses.target.basis_change(bases[1]))


def tone_populations(pulses: PairPulses, tones: Floats, *, before: Step = NO_STEP) -> Floats:
    """Return final populations after tones with these channels, by X, Y, Z of the target, shape (6, n, 4, 4).

    The control is in |0> first, then in |1>; the step `before` precedes its preparation. Channels have the shape (n,
    16, 16).
    """
    found = []
    for state in (0, 1):
        driven = tones @ (before.then(pulses.preparation(state, 0)).channel @ STARTS)
        found += [populations(basis_change(pulses, f"Z{component}").channel @ driven) for component in "XYZ"]
    return np.stack(found)


def gate_train_populations(channel: Floats, counts: NDArray[np.intp], *, before: Step = NO_STEP) -> Floats:
    """Return populations after gate trains, shape (n, 4, 4), computed from powers of two of the gate."""
    states = np.tile(before.channel @ STARTS, (counts.size, 1, 1))
    power = channel
    for bit in range(int(counts.max()).bit_length()):
        power = power @ power if bit else power
        chosen = (counts >> bit) % 2 == 1
        states[chosen] = power @ states[chosen]
    return populations(states)


def conditional_ramsey_populations(
    pulses: PairPulses, waits: Floats, delays_us: Floats, *, control_state: int, artificial_mhz: float
) -> Floats:
    """Return final populations after X90, wait, X90 of the target, shape (n, 4, 4).

    The phase of the second X90 advances with the wait.

    `waits` are channels, shape (n, 16, 16). The control is prepared in 0 or 1.
    """
    half = pulses.simultaneous(NO_PULSE, pulses.target.x90)
    prepared = pulses.preparation(control_state, 0).then(half)
    turns = z_rotation(-2 * np.pi * pulses.target.phase_sign * artificial_mhz * delays_us)
    states = waits @ (prepared.channel @ STARTS)
    turned = np.einsum("nij,ncjs->ncis", turns, states.reshape(-1, 4, 4, 4)).reshape(-1, 16, 4)
    return populations(half.channel @ turned)
