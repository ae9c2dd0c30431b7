"""Faults of the readout: lines, resonator, amplifier, demodulation, acquisition, reset.

The noise of a shot stays: it is that of the amplifiers behind the fault.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.physics.readout_chain import SpuriousTone

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.timed_changes import PresentFault


def attenuate_readout(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a signal that is lower by dB behind the chip, so that the photons in the resonator stay."""
    factor = 10 ** (-now.size / 20)
    return replace(
        qubit,
        resonator=replace(qubit.resonator, gain=qubit.resonator.gain * factor),
        readout=replace(qubit.readout, separation=qubit.readout.separation * factor),
    )


def saturate_readout(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with an amplifier that saturates at dB below the signal of the design amplitude."""
    drawn = now.chip.qubits[qubit.qid]
    signal = drawn.readout.amplitude * drawn.resonator.gain
    return replace(qubit, chain=replace(qubit.chain, saturation=signal * 10 ** (-now.size / 20)))


def shift_resonator(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a resonator that is higher by MHz; linewidth and dispersive shift stay."""
    frequency_ghz = qubit.resonator.frequency_ghz + now.size * 1e-3
    return replace(qubit, resonator=replace(qubit.resonator, frequency_ghz=frequency_ghz))


def rotate_plane(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with an IQ plane that is rotated by degrees."""
    phase_rad = qubit.resonator.phase_rad + math.radians(now.size)
    return replace(qubit, resonator=replace(qubit.resonator, phase_rad=phase_rad))


def turn_plane(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with an IQ plane that turns by degrees per second."""
    turned_rad = math.radians(now.size) * now.since_h * 3600
    phase_rad = math.remainder(qubit.resonator.phase_rad + turned_rad, math.tau)
    return replace(qubit, resonator=replace(qubit.resonator, phase_rad=phase_rad))


def swap_readout(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with the readout line and the resonator of its partner, which counts as in |0>."""
    return replace(make_blind(qubit), resonator=now.get_partner(qubit).resonator)


def fail_reset(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with an active reset that leaves |1> with this probability, or its own if that is worse."""
    residual = max(now.size, qubit.active_reset.residual)
    return replace(qubit, active_reset=replace(qubit.active_reset, residual=residual))


def lose_points(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with points, and single shots, that hold noise alone with this probability."""
    return replace(qubit, chain=replace(qubit.chain, lost=now.size))


def delay_readout(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a signal that arrives later by d ns.

    A window of length T misses the share ``d / T`` of it, and the phase turns by ``2 pi f d``, as for a longer cable.
    """
    captured = max(0.0, 1 - now.size * 1e-3 / qubit.readout.integration_us)
    return replace(
        qubit,
        resonator=replace(qubit.resonator, delay_ns=qubit.resonator.delay_ns + now.size),
        readout=replace(qubit.readout, separation=qubit.readout.separation * captured),
        chain=replace(qubit.chain, captured=qubit.chain.captured * captured),
    )


def add_tone(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a coherent tone of the instruments at MHz above the resonator.

    It is as strong as the signal at the design amplitude and has the opposite phase, so that a scan at this amplitude shows a dip as wide as
    the inverse integration time.
    """
    line = qubit.resonator
    frequency_ghz = line.frequency_ghz + now.size * 1e-3
    phase_rad = line.phase_rad - 2 * math.pi * frequency_ghz * line.delay_ns
    passing = cmath.rect(qubit.readout.amplitude * line.gain, phase_rad)
    tone = SpuriousTone(frequency_ghz, -passing, qubit.readout.integration_us)
    return replace(qubit, chain=replace(qubit.chain, tone=tone))


def make_blind(qubit: QubitTruth) -> QubitTruth:
    """Return a qubit whose readout does not depend on its state, so that active resets leave the thermal population."""
    return replace(
        qubit,
        readout=replace(qubit.readout, separation=0.0, decay=0.0, excite=0.0, relax=0.0),
        active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
    )
