"""Faults of the readout of a qubit: lines, resonator, amplifier, demodulation, acquisition, reset.

The swap of lines comes first: the others act on the line that is read. The noise of a shot, from the amplifiers, stays.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.physics.faults import make_blind
from qdash_fake.timed_changes import QubitFaultKind
from qdash_fake.timed_faults import FaultSize

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.timed_changes import PresentFault


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


def offset_plane(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with an offset of the IQ plane, as a share of the signal at the design amplitude, that cycles."""
    share, rate_hz = now.fault.sizes
    phase_rad = math.remainder(math.tau * rate_hz * now.since_h * 3600, math.tau)
    signal = now.chip.qubits[qubit.qid].readout.amplitude * qubit.resonator.gain
    return replace(qubit, chain=replace(qubit.chain, offset=cmath.rect(share * signal, phase_rad)))


def reflect_plane(qubit: QubitTruth, now: PresentFault) -> QubitTruth:  # noqa: ARG001  it has no size
    """Return the qubit with an IQ plane whose Q has the other sign."""
    return replace(qubit, chain=replace(qubit.chain, reflected=True))


def pass_through(qubit: QubitTruth, now: PresentFault) -> QubitTruth:  # noqa: ARG001  it has no size
    """Return the qubit with a readout line through its resonator."""
    return replace(qubit, resonator=replace(qubit.resonator, through=True))


def unsettle_readout(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a readout whose contrast returns after each pulse."""
    unsettled, settling_us = now.fault.sizes
    return replace(qubit, chain=replace(qubit.chain, unsettled=unsettled, settling_us=settling_us))


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

    A window of length T misses the share ``d / T``, and the phase turns by ``2 pi f d``.
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

    It has the strength of the signal at the design amplitude and the opposite phase: a scan there shows a dip as wide
    as the inverse integration time.
    """
    from qdash_fake.physics.readout_chain import SpuriousTone

    line = qubit.resonator
    frequency_ghz = line.frequency_ghz + now.size * 1e-3
    phase_rad = line.phase_rad - 2 * math.pi * frequency_ghz * line.delay_ns
    passing = cmath.rect(qubit.readout.amplitude * line.gain, phase_rad)
    tone = SpuriousTone(frequency_ghz, -passing, qubit.readout.integration_us)
    return replace(qubit, chain=replace(qubit.chain, tone=tone))


READOUT_FAULTS = (
    QubitFaultKind(
        name="swapped-readout",
        what="a swap of readout lines",
        example="0:1@12-13",
        effect=swap_readout,
        effect_text="each of two qubits is read through the line and resonator of the other, which is taken to be in |0⟩: the signal is strong and does not depend on the state",
        remark="its readout line is swapped with that of qubit {partner}",
        cause="swapped-readout",
        partner=True,
    ),
    QubitFaultKind(
        name="readout-attenuation",
        what="a readout attenuation",
        example="0:10@12-13",
        effect=attenuate_readout,
        effect_text="the readout signal falls by 10^(−DB/20) after the chip; noise and photons in the resonator are unchanged",
        remark="the readout signal is {0:g}\N{NO-BREAK SPACE}dB lower",
        cause="readout-attenuation",
        sizes=(FaultSize("DB", "the attenuation in dB", 0.0, 120.0),),
    ),
    QubitFaultKind(
        name="readout-saturation",
        what="a readout saturation",
        example="0:10@12-13",
        effect=saturate_readout,
        effect_text="the readout amplifier saturates as x / sqrt(1 + x²/s²) with s DB below the signal of the design amplitude (Rapp, ECSC-2 (1991) 179, smoothness 1)",
        remark="the readout amplifier saturates {0:g}\N{NO-BREAK SPACE}dB below the usual signal",
        cause="readout-saturation",
        sizes=(FaultSize("DB", "the excess in dB", -20.0, 60.0),),
    ),
    QubitFaultKind(
        name="resonator-shift",
        what="a resonator shift",
        example="0:-3@12-13",
        effect=shift_resonator,
        effect_text="the resonator is shifted by MHZ; linewidth and dispersive shift are unchanged",
        remark="the resonator has moved by {0:+g}\N{NO-BREAK SPACE}MHz",
        cause="resonator-shift",
        sizes=(FaultSize("MHZ", "the shift in MHz", -50.0, 50.0),),
    ),
    QubitFaultKind(
        name="iq-rotation",
        what="an IQ rotation",
        example="0:70@12-13",
        effect=rotate_plane,
        effect_text="the IQ plane is rotated by DEGREES, as after a restart of a local oscillator",
        remark="the IQ plane is rotated by {0:+g}\N{NO-BREAK SPACE}degrees",
        cause="iq-rotation",
        sizes=(FaultSize("DEGREES", "the angle in degrees", -180.0, 180.0),),
    ),
    QubitFaultKind(
        name="iq-drift",
        what="an IQ drift",
        example="0:2.5@12-13",
        effect=turn_plane,
        effect_text="the IQ plane rotates at DEGREES_PER_SECOND, also within a sweep, as without a common reference clock of generator and digitizer",
        remark="the IQ plane turns by {0:+g}\N{NO-BREAK SPACE}degrees per second",
        cause="iq-drift",
        sizes=(FaultSize("DEGREES_PER_SECOND", "the rate in degrees per second", -360.0, 360.0),),
        on_pulses=False,
        within_sweeps=True,
    ),
    QubitFaultKind(
        name="iq-offset",
        what="an IQ offset",
        example="0:0.05:2@12-13",
        effect=offset_plane,
        effect_text="the IQ plane has an offset of SHARE (default 0.05) of the signal of the design amplitude, whatever is read, as of a leaking mixer; it turns at CYCLES_PER_SECOND (default 0), also within a sweep",
        remark="the IQ plane is offset by {0:g} of the usual signal, turning at {1:g}\N{NO-BREAK SPACE}cycles per second",
        cause="spurious-tone",
        sizes=(
            FaultSize("SHARE", "the share", 0.0, 1.0, usual=0.05),
            FaultSize("CYCLES_PER_SECOND", "the rate in cycles per second", -100.0, 100.0, usual=0.0),
        ),
        on_pulses=False,
        within_sweeps=True,
    ),
    QubitFaultKind(
        name="iq-reflection",
        what="an IQ reflection",
        example="0@12-13",
        effect=reflect_plane,
        effect_text="Q has the other sign, as with the other sideband of a mixer: the phase rises with frequency",
        remark="the IQ plane is reflected",
        cause="iq-rotation",
        on_pulses=False,
    ),
    QubitFaultKind(
        name="resonator-peak",
        what="a line through the resonator",
        example="0@12-13",
        effect=pass_through,
        effect_text="the readout line goes through the resonator instead of past it: a peak instead of a dip (Göppl et al., J. Appl. Phys. 104, 113904 (2008))",
        remark="the readout line goes through the resonator",
        cause="swapped-readout",
    ),
    QubitFaultKind(
        name="slow-settling",
        what="a slow settling of the readout",
        example="0:0.8:4@12-13",
        effect=unsettle_readout,
        effect_text="the contrast of a readout is 1 − SHARE exp(−t / US) of the usual one, t after the last pulse (default 0.8, 4 µs): T1 traces rise at first, and all others, which end with a pulse, have less contrast (a resonator that still rings; no single source)",
        remark="the readout lacks {0:g} of its contrast after a pulse, and settles within {1:g}\N{NO-BREAK SPACE}µs",
        cause="slow-settling",
        sizes=(
            FaultSize("SHARE", "the share", 0.0, 0.95, usual=0.8),
            FaultSize("US", "the time in µs", 0.1, 1e3, usual=4.0),
        ),
        on_pulses=False,
    ),
    QubitFaultKind(
        name="reset-failure",
        what="a reset failure",
        example="0:0.4@12-13",
        effect=fail_reset,
        effect_text="an active reset leaves |1⟩ with PROBABILITY (default 0.5); passive reset is unchanged",
        remark="an active reset leaves |1⟩ with a probability of {0:g}",
        cause="reset-failure",
        sizes=(FaultSize("PROBABILITY", "the probability", 0.0, 1.0, usual=0.5),),
    ),
    QubitFaultKind(
        name="lost-points",
        what="a loss of points",
        example="0:0.2@12-13",
        effect=lose_points,
        effect_text="a point, or a single shot, contains only amplifier noise with a probability of SHARE (default 0.1), as without a trigger",
        remark="a share of {0:g} of the points is lost",
        cause="lost-points",
        sizes=(FaultSize("SHARE", "the share", 0.0, 1.0, usual=0.1),),
    ),
    QubitFaultKind(
        name="readout-delay",
        what="a readout delay",
        example="0:300@12-13",
        effect=delay_readout,
        effect_text="the signal arrives NS later: the integration of length T misses NS / T of it, and the phase turns as with a longer cable",
        remark="the readout signal arrives {0:g}\N{NO-BREAK SPACE}ns late",
        cause="readout-delay",
        sizes=(FaultSize("NS", "the delay in ns", 0.0, 1e4),),
    ),
    QubitFaultKind(
        name="spurious-tone",
        what="a spurious tone",
        example="0:4@12-13",
        effect=add_tone,
        effect_text="a coherent tone of the instruments lies MHZ above the resonator, as strong as the signal of the design amplitude and with the opposite phase, independent of the probe; the integration window weights it by a sinc of its detuning",
        remark="a spurious tone lies {0:+g}\N{NO-BREAK SPACE}MHz from the resonator",
        cause="spurious-tone",
        sizes=(FaultSize("MHZ", "the distance in MHz", -100.0, 100.0),),
    ),
)
