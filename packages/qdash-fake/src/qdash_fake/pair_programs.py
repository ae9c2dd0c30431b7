"""Programs of each kind of two-qubit measurement, and their final populations.

Every program takes an open pair and its sweep, shape (n,), and returns `PairEnds` with one entry per point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.cliffords import PairSequences
from qdash_fake.pair_instruments import PairEnds
from qdash_fake.physics.pair_benchmarking import benchmarking_ends
from qdash_fake.physics.pair_evolution import idle_channel, tone_channels
from qdash_fake.physics.pair_pulses import NO_PULSE, Step
from qdash_fake.physics.pair_sequences import (
    basis_change,
    bell_sequence,
    conditional_ramsey_ends,
    ends,
    tone_ends,
    train_ends,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.pair_instruments import OpenPair
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

    Floats = NDArray[np.float64]


def cross_resonance(
    opened: OpenPair, durations_ns: Floats, *, tone: CrossResonanceTone, wait_ns: float = 0.0
) -> PairEnds:
    """Return a wait and a tone of each length; the target's X, Y, Z with the control in |0>, then in |1>, the
    length changing fastest.
    """
    wait_us = 1e-3 * wait_ns
    waited = Step(idle_channel(opened.pair, wait_us, drives_ghz=opened.drives_ghz), wait_us)
    tones = tone_channels(opened.pair, tone, durations_ns, drives_ghz=opened.drives_ghz)
    control, target = opened.pulses.control, opened.pulses.target
    own_us = [
        wait_us + state * control.x180.length_us + target.basis_change(component).length_us
        for state in (0, 1)
        for component in "XYZ"
    ]
    return PairEnds(
        np.tile(durations_ns, 6),
        tone_ends(opened.pulses, tones, before=waited).reshape(-1, 4, 4),
        np.add.outer(own_us, durations_ns * 1e-3).ravel(),
    )


def gate_train(
    opened: OpenPair,
    counts: Floats,
    *,
    gate: ZX90,
    control_state: int,
    start: Literal["ground", "superposition"],
) -> PairEnds:
    """Return trains of gates, with the target in |0> or after its X90."""
    pulses, played = opened.pulses, opened.make_step(gate)
    before = pulses.preparation(control_state, 0)
    if start == "superposition":
        before = before.then(pulses.simultaneous(NO_PULSE, pulses.target.x90))
    reached = train_ends(played.channel, counts.astype(np.intp), before=before)
    return PairEnds(counts, reached, before.length_us + counts * played.length_us)


def readout_points(opened: OpenPair, states: Floats) -> PairEnds:
    """Return the readout of nothing or X180 on both qubits, by `states`."""
    steps = [opened.pulses.preparation(int(state), int(state)) for state in states]
    reached = ends(np.stack([step.channel for step in steps]))
    return PairEnds(states, reached, np.array([step.length_us for step in steps]))


def conditional_ramsey(
    opened: OpenPair, delays_us: Floats, *, control_state: int, artificial_mhz: float
) -> PairEnds:
    """Return X180 of the control or nothing, then X90, delay, X90 of the target."""
    pulses = opened.pulses
    reached = conditional_ramsey_ends(
        pulses,
        idle_channel(opened.pair, delays_us, drives_ghz=opened.drives_ghz),
        delays_us,
        control_state=control_state,
        artificial_mhz=artificial_mhz,
    )
    before_us = pulses.preparation(control_state, 0).length_us
    return PairEnds(delays_us, reached, before_us + 2 * pulses.target.x90.length_us + delays_us)


def prepare_states(opened: OpenPair, state: str, *, bases: str, gate: ZX90 | None) -> PairEnds:
    """Return a commanded basis state, or a Bell state made by a gate, with the basis rotations: one point."""
    pulses = opened.pulses
    made = (
        pulses.preparation(*(int(digit) for digit in state))
        if gate is None
        else bell_sequence(pulses, opened.make_step(gate))
    )
    whole = made.then(basis_change(pulses, bases))
    return PairEnds(np.zeros(1), ends(whole.channel)[None], np.array([whole.length_us]))


def benchmarking(
    opened: OpenPair, lengths: Floats, *, gate: ZX90, interleaved: bool, rng: np.random.Generator
) -> PairEnds:
    """Return random Clifford sequences of these lengths, with or without an interleaved gate."""
    sequences = PairSequences.random(lengths.astype(np.int64), interleaved=interleaved, rng=rng)
    reached, length_us = benchmarking_ends(sequences, opened.pulses, opened.make_step(gate))
    return PairEnds(lengths, reached, length_us)
