"""Random sequences of two-qubit Cliffords on a pair, evolved together, and their final populations.

Single precision: after a hundred Cliffords the error is 1e-5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.cliffords.one_qubit import AFTER, BEFORE, COUNT, PULSES
from qdash_analysis.cliffords.two_qubits import LAYERS, core_layers
from qdash_fake.physics.pair_pulses import PlayedPulse, z_rotation, zz_interaction
from qdash_fake.physics.pair_sequences import STARTS, populations

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_analysis.cliffords import PairSequences
    from qdash_fake.physics.pair_pulses import PairPulses, QubitPulses, Step

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_MOST_PULSES = 2


def compute_benchmarking_populations(
    sequences: PairSequences, pulses: PairPulses, gate: Step
) -> tuple[Floats, Floats]:
    """Play all sequences; return the final populations by start (n, 4, 4), and the durations in us (n,)."""
    layers, layer_us = compute_layer_channels(pulses)
    followed_by_gate = gate.channel @ layers
    used, core = np.unique(sequences.cores, return_inverse=True)
    before, before_us = _compute_core_channels(
        core_layers()[used], followed_by_gate, layer_us + gate.length_us
    )
    closing = np.zeros(sequences.layers.size, dtype=np.bool_)
    closing[np.cumsum(sequences.counts) - 1] = True
    followed = ~closing & sequences.interleaved
    taken_us = before_us[core] + layer_us[sequences.layers] + followed * gate.length_us
    after = np.concatenate([layers, followed_by_gate])
    states = _play_sequences(
        sequences.counts,
        before.astype(np.float32),
        core,
        after.astype(np.float32),
        sequences.layers + LAYERS * followed,
    )
    first = np.cumsum(sequences.counts) - sequences.counts
    return populations(states), np.add.reduceat(taken_us, first)


def _play_sequences(
    counts: Integers, before: Floats, core: Integers, after: Floats, layer: Integers
) -> Floats:
    """Propagate all sequences, sorted so that the running ones are in front; shape (n, 16, 4)."""
    order = np.argsort(-counts, kind="stable")
    first = (np.cumsum(counts) - counts)[order]
    running = np.searchsorted(-counts[order], -np.arange(int(counts.max())))
    states = np.tile(STARTS.astype(np.float32), (counts.size, 1, 1))
    for step, count in enumerate(running):
        place = first[:count] + step
        states[:count] = after[layer[place]] @ (before[core[place]] @ states[:count])
    found = np.empty(states.shape)
    found[order] = states
    return found


def compute_layer_channels(pulses: PairPulses) -> tuple[Floats, Floats]:
    """Return the channels of all pairs of one-qubit Cliffords as played, (576, 16, 16), and times in us, (576,).

    Both start together, with static ZZ as in `PairPulses.simultaneous`, and a wait follows the shorter one.
    """
    one, other = pulses.control, pulses.target
    number = np.arange(_MOST_PULSES + 1)
    time_us = np.maximum.outer(number * one.x90.length_us, number * other.x90.length_us)
    waits = [
        _compute_at_times(time_us - own_us, qubit.wait)
        for qubit, own_us in (
            (one, number[:, None] * one.x90.length_us),
            (other, number * other.x90.length_us),
        )
    ]
    both = np.ix_(PULSES, PULSES)
    played = (
        waits[0][both] @ _make_played_pulses(one)[:, None],
        waits[1][both] @ _make_played_pulses(other)[None, :],
    )
    alone = np.einsum("abij,abkl->abikjl", *played).reshape(COUNT, COUNT, 16, 16)
    before = [z_rotation(qubit.phase_sign * np.pi / 2 * BEFORE) for qubit in (one, other)]
    turns = np.einsum("aij,bkl->abikjl", *before).reshape(alone.shape)
    found = alone @ _compute_interactions(pulses, time_us)[both] @ turns
    return found.reshape(LAYERS, 16, 16), time_us[both].ravel()


def _compute_interactions(pulses: PairPulses, time_us: Floats) -> Floats:
    """Return the channel of static ZZ during that many X90 on control and target, shape (3, 3, 16, 16)."""
    trains = [
        [
            PlayedPulse(one.x90.channel, number * one.x90.length_us, number * np.pi / 2)
            for number in range(_MOST_PULSES + 1)
        ]
        for one in (pulses.control, pulses.target)
    ]
    found = [
        [
            zz_interaction(one, other, zz_mhz=pulses.zz_mhz, time_us=longest)
            for other, longest in zip(trains[1], row, strict=True)
        ]
        for one, row in zip(trains[0], time_us.tolist(), strict=True)
    ]
    return np.array(found)


def _compute_at_times(times_us: Floats, channel: Callable[[float], Floats]) -> Floats:
    """Return the channel for each of these times, computed once for equal times."""
    different, place = np.unique(times_us, return_inverse=True)
    return np.stack([channel(float(time_us)) for time_us in different])[place.reshape(times_us.shape)]


def _make_played_pulses(qubit: QubitPulses) -> Floats:
    """Return transfer matrices (24, 4, 4) of the one-qubit Cliffords without their first z rotation."""
    x90 = qubit.x90.channel
    powers = np.stack([np.eye(4), x90, x90 @ x90])
    return np.asarray(z_rotation(qubit.phase_sign * np.pi / 2 * AFTER) @ powers[PULSES])


def _compute_core_channels(cores: Integers, steps: Floats, step_us: Floats) -> tuple[Floats, Floats]:
    """Return the channels before the last layer of n Cliffords, (n, 16, 16), and their times in us, (n,).

    `cores` are as in `core_layers`, shape (n, 3); `steps` (576, 16, 16) and `step_us` (576,) are those of a layer and
    the gate after it.
    """
    found, taken_us = np.tile(np.eye(16), (len(cores), 1, 1)), np.zeros(len(cores))
    for layer in cores.T:
        longer = layer >= 0
        found[longer] = steps[layer[longer]] @ found[longer]
        taken_us[longer] += step_us[layer[longer]]
    return found, taken_us
