"""Tones, waits and gates on two coupled qubits, as Pauli transfer matrices.

A matrix acts on ``(II, IX, IY, ..., ZZ)``, control first. Its first row gives the population that remains in |00>,
|01>, |10>, |11>; the rest has leaked. Each qubit is in the frame of its drive; tone and frames have the same phase at
the start.

The coherent part is the evolution of all levels (`pair_propagators`). Relaxation, white dephasing and the hidden
depolarisation act on the two qubits, whose states rotate under the effective Hamiltonian of the flat part; leaked
population does not decay. Quasi-static detunings act in waits only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.cross_resonance import effective_hamiltonian
from qdash_fake.physics.levels import transfer_matrix
from qdash_fake.physics.pair_propagators import RISE_NS, DrivenPair, propagators
from qdash_fake.physics.pair_pulses import NO_PULSE, PlayedPulse, Step, zz_interaction
from qdash_fake.physics.superoperators import commutator, exponentials, pauli_transfer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

    Floats = NDArray[np.float64]

_OPPOSITE = np.kron([1.0, -1.0, -1.0, 1.0], [1.0, -1.0, -1.0, 1.0])
"""Signs of the Pauli operators under conjugation by Z x Z, which reverses the sign of a tone."""


def tone_channels(
    pair: Pair, tone: CrossResonanceTone, durations_ns: ArrayLike, *, drives_ghz: tuple[float, float]
) -> Floats:
    """Return the channel of a tone at each of n lengths, shape (n, 16, 16).

    Lengths include both edges; a tone shorter than two edges has shorter edges. The frames are those of `drives_ghz`,
    control and target; the second is also that of the tone.
    """
    durations_us = np.atleast_1d(np.asarray(durations_ns, dtype=np.float64)) * 1e-3
    played = DrivenPair(pair.transmons, pair.drives(tone), pair.target.detuning_mhz(drives_ghz[1]))
    coherent = pauli_transfer(propagators(played, durations_us, (drives_ghz[0] - drives_ghz[1]) * 1e3))
    return np.asarray(coherent @ _compute_errors(pair, played, durations_us))


def gate_channel(
    pair: Pair, gate: ZX90, *, drives_ghz: tuple[float, float], x180: Floats, x180_ns: float
) -> Floats:
    """Return the channel of an echoed gate, shape (16, 16).

    The target waits while the control plays `x180`, transfer matrix (4, 4).
    """
    first = tone_channels(pair, gate.tone, [gate.tone_ns], drives_ghz=drives_ghz)[0]
    second = _OPPOSITE[:, None] * first * _OPPOSITE
    flip, wait = (
        PlayedPulse(x180, x180_ns * 1e-3, np.pi),
        _compute_idle_target(pair, x180_ns * 1e-3, drives_ghz[1]),
    )
    zz_mhz = pair.transmons.dressed.static_zz_mhz
    echo = np.kron(x180, wait) @ zz_interaction(flip, NO_PULSE, zz_mhz=zz_mhz, time_us=flip.length_us)
    return np.asarray(echo @ second @ echo @ first)


def gate_step(pair: Pair, gate: ZX90, *, drives_ghz: tuple[float, float], x180: PlayedPulse) -> Step:
    """Return an echoed gate with this X180 of the control as a step."""
    channel = gate_channel(pair, gate, drives_ghz=drives_ghz, x180=x180.channel, x180_ns=x180.length_us * 1e3)
    return Step(channel, 2 * (gate.tone_ns * 1e-3 + x180.length_us))


def idle_channel(
    pair: Pair, time_us: ArrayLike, *, drives_ghz: tuple[float, float], slow_noise: bool = True
) -> Floats:
    """Return the channel of a wait with static ZZ, detunings, relaxation and dephasing, shape (..., 16, 16).

    `slow_noise` averages over the quasi-static detunings, as in a Ramsey sequence; the halves of an echo refocus them.
    """
    times = np.asarray(time_us, dtype=np.float64)
    detuning_c, detuning_t = pair.control.detuning_mhz(drives_ghz[0]), pair.target.detuning_mhz(drives_ghz[1])
    both = detuning_c + detuning_t + pair.transmons.dressed.static_zz_mhz
    hamiltonian = np.diag([0.0, detuning_t, detuning_c, both]).astype(np.complex128)
    flat = times.ravel()
    found = exponentials((commutator(hamiltonian) + _make_dissipator(pair))[None] * flat[:, None, None])
    if slow_noise:
        kept = (_compute_slow_dephasing(qubit, flat) for qubit in (pair.control, pair.target))
        control, target = kept
        factors = (control[:, :, None] * target[:, None, :]).reshape(-1, 16)
        found = factors[:, :, None] * found
    return found.reshape(*times.shape, 16, 16)


def _compute_errors(pair: Pair, tone: DrivenPair, durations_us: Floats) -> Floats:
    """Return the decoherence during tones as channels that precede them, shape (n, 16, 16).

    An edge rotates as a flat tone of half its length: it is treated as half tone and half wait.
    """
    turning_us = durations_us - np.minimum(RISE_NS * 1e-3, durations_us / 2)
    waiting_us = (durations_us - turning_us) / 2
    hamiltonian = effective_hamiltonian(*tone)
    # Rotations of the control about z commute with its decoherence. Without them the generator is smaller, and
    # its exponential cheaper.
    means = np.diag(hamiltonian).reshape(2, 2).mean(axis=1)
    turning = commutator(hamiltonian - np.diag(np.repeat(means, 2)))
    lost = _make_dissipator(pair) - np.diag(np.r_[0.0, np.full(15, pair.coupling.extra_rate)])
    back, both, waited = (
        exponentials(generator * times[:, None, None])
        for generator, times in ((-turning, turning_us), (turning + lost, turning_us), (lost, waiting_us))
    )
    return np.asarray(back @ waited @ both @ waited)


def _compute_idle_target(pair: Pair, time_us: float, drive_ghz: float) -> Floats:
    """Return the transfer matrix (4, 4) of the target during the control's pi pulse, without static ZZ."""
    detuning_mhz = pair.target.detuning_mhz(drive_ghz)
    found = transfer_matrix(pair.target.levels.decay(time_us).astype(np.complex128))
    # In the frame of a drive below the qubit the Bloch vector rotates about -z.
    angle = -2 * math.pi * detuning_mhz * time_us
    turn = np.eye(4)
    turn[1:3, 1:3] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    return turn @ found


def _make_dissipator(pair: Pair) -> Floats:
    """Return the generator of relaxation and white dephasing of both qubits, in 1/us, shape (16, 16)."""
    one = np.eye(4)
    return np.kron(_make_relaxation(pair.control), one) + np.kron(one, _make_relaxation(pair.target))


def _make_relaxation(qubit: QubitTruth) -> Floats:
    """Return the generator of relaxation and white dephasing of one qubit, in 1/us, shape (4, 4)."""
    levels = qubit.levels
    found = -np.diag([0.0, 1 / levels.t2_us, 1 / levels.t2_us, 1 / levels.t1_us])
    found[3, 0] = (1 - 2 * levels.thermal_population) / levels.t1_us
    return found


def _compute_slow_dephasing(qubit: QubitTruth, times_us: Floats) -> Floats:
    """Return the factors of (I, X, Y, Z) after averaging over the quasi-static detuning, shape (n, 4)."""
    coherence = qubit.coherence
    kept = coherence.free_decay(times_us) / coherence.echo_decay(times_us)
    whole = np.ones_like(kept)
    return np.stack([whole, kept, kept, whole], axis=-1)
