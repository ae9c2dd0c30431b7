"""Programs of each kind of two-qubit measurement, and their final populations.

Every program takes an open pair and its sweep, shape (n,).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.cliffords import PairSequences
from qdash_fake.pair_instruments import PairPopulations
from qdash_fake.physics.pair_benchmarking import compute_benchmarking_populations
from qdash_fake.physics.pair_evolution import idle_channel, tone_channels
from qdash_fake.physics.pair_pulses import NO_PULSE, Step
from qdash_fake.physics.pair_sequences import (
    basis_change,
    bell_sequence,
    conditional_ramsey_populations,
    final_populations,
    gate_train_populations,
    tone_populations,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.pair_instruments import OpenPair
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

    Floats = NDArray[np.float64]


def cross_resonance(
    opened: OpenPair, durations_ns: Floats, *, tone: CrossResonanceTone, wait_ns: float = 0.0
) -> PairPopulations:
    """Return waits and tones of these lengths, with X, Y, Z readout of the target for either control state.

    The control is in |0> first, then in |1>; the length changes fastest.
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
    return PairPopulations(
        np.tile(durations_ns, 6),
        tone_populations(opened.pulses, tones, before=waited).reshape(-1, 4, 4),
        np.add.outer(own_us, durations_ns * 1e-3).ravel(),
    )


def gate_train(
    opened: OpenPair,
    counts: Floats,
    *,
    gate: ZX90,
    control_state: int,
    start: Literal["ground", "superposition"],
) -> PairPopulations:
    """Return trains of gates, with the target in |0> or after its X90."""
    pulses, played = opened.pulses, opened.make_step(gate)
    before = pulses.preparation(control_state, 0)
    if start == "superposition":
        before = before.then(pulses.simultaneous(NO_PULSE, pulses.target.x90))
    reached = gate_train_populations(played.channel, counts.astype(np.intp), before=before)
    return PairPopulations(counts, reached, before.length_us + counts * played.length_us)


def readout_points(opened: OpenPair, states: Floats) -> PairPopulations:
    """Return readouts of the prepared `states`: no pulse or X180 on each qubit."""
    steps = [opened.pulses.preparation(int(state), int(state)) for state in states]
    reached = final_populations(np.stack([step.channel for step in steps]))
    return PairPopulations(states, reached, np.array([step.length_us for step in steps]))


def conditional_ramsey(
    opened: OpenPair, delays_us: Floats, *, control_state: int, artificial_mhz: float
) -> PairPopulations:
    """Return an X180 or no pulse on the control, then X90, delay, X90 on the target."""
    pulses = opened.pulses
    reached = conditional_ramsey_populations(
        pulses,
        idle_channel(opened.pair, delays_us, drives_ghz=opened.drives_ghz),
        delays_us,
        control_state=control_state,
        artificial_mhz=artificial_mhz,
    )
    before_us = pulses.preparation(control_state, 0).length_us
    return PairPopulations(delays_us, reached, before_us + 2 * pulses.target.x90.length_us + delays_us)


def prepare_states(opened: OpenPair, state: str, *, bases: str, gate: ZX90 | None) -> PairPopulations:
    """Return the preparation of a basis state or a Bell state, with basis rotations: one point."""
    pulses = opened.pulses
    made = (
        pulses.preparation(*(int(digit) for digit in state))
        if gate is None
        else bell_sequence(pulses, opened.make_step(gate))
    )
    whole = made.then(basis_change(pulses, bases))
    return PairPopulations(np.zeros(1), final_populations(whole.channel)[None], np.array([whole.length_us]))


def benchmarking(
    opened: OpenPair, lengths: Floats, *, gate: ZX90, interleaved: bool, rng: np.random.Generator
) -> PairPopulations:
    """Return random Clifford sequences of these lengths, with or without an interleaved gate."""
    sequences = PairSequences.random(lengths.astype(np.int64), interleaved=interleaved, rng=rng)
    reached, length_us = compute_benchmarking_populations(sequences, opened.pulses, opened.make_step(gate))
    return PairPopulations(lengths, reached, length_us)
