"""Faults of the drive line of a qubit and of the generator before it."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.timed_changes import QubitFaultKind
from qdash_fake.timed_faults import FaultSize

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.timed_changes import PresentFault

_UNCOUPLED = 1e-3
"""Amplitude that reaches a qubit from the line of one to which it is not coupled (no single source)."""


def attenuate_drive(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive weaker by the size in dB."""
    return _scale_drive(qubit, _as_amplitude(-now.size))


def amplify_drive(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive stronger by the size in dB."""
    return _scale_drive(qubit, _as_amplitude(now.size))


def compress_drive(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive that emits at most the size."""
    return replace(qubit, drive=replace(qubit.drive, saturation=now.size))


def add_drive_noise(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive amplitude that also scatters by the size between shots."""
    spread = math.hypot(qubit.drive.amplitude_spread, now.size)
    return replace(qubit, drive=replace(qubit.drive, amplitude_spread=spread))


def swap_drives(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return one of two qubits with swapped lines.

    The qubit's generator acts by the crosstalk of the other line; the other generator plays on this qubit's own line.
    """
    other = now.get_partner(qubit)
    arriving, _ = other.crosstalk.get(qubit.qid, (_UNCOUPLED, 0.0))
    _, visibility = qubit.crosstalk.get(other.qid, (0.0, 0.0))
    own_mhz = qubit.drive.rabi_per_amplitude_mhz
    left_mhz = other.drive.rabi_per_amplitude_mhz * arriving
    crosstalk = MappingProxyType({**qubit.crosstalk, other.qid: (own_mhz / left_mhz, visibility)})
    return replace(qubit, drive=replace(qubit.drive, rabi_per_amplitude_mhz=left_mhz), crosstalk=crosstalk)


def mirror_phases(qubit: QubitTruth, now: PresentFault) -> QubitTruth:  # noqa: ARG001  it has no size
    """Return the qubit with a drive whose phases have the other sign."""
    return replace(qubit, drive=replace(qubit.drive, mirrored=True))


def distort_pulses(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive whose step response deviates by the size."""
    return replace(
        qubit,
        drive=replace(qubit.drive, distortion=now.size),
        mismatch=replace(qubit.mismatch, droop=qubit.mismatch.droop + now.size),
    )


def lose_sequences(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a drive that does not play a random sequence with this probability."""
    return replace(qubit, drive=replace(qubit.drive, untriggered=now.size))


def add_crosstalk(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return one of two qubits whose lines reach the other one with the size in dB."""
    other = now.get_partner(qubit).qid
    _, visibility = qubit.crosstalk.get(other, (0.0, 0.0))
    crosstalk = MappingProxyType({**qubit.crosstalk, other: (_as_amplitude(now.size), visibility)})
    return replace(qubit, crosstalk=crosstalk)


def _scale_drive(qubit: QubitTruth, factor: float) -> QubitTruth:
    rabi_mhz = qubit.drive.rabi_per_amplitude_mhz * factor
    return replace(qubit, drive=replace(qubit.drive, rabi_per_amplitude_mhz=rabi_mhz))


def _as_amplitude(decibel: float) -> float:
    return float(10 ** (decibel / 20))


_DECIBEL = FaultSize("DB", "the change in dB", 0.0, 100.0)

DRIVE_FAULTS = (
    QubitFaultKind(
        name="drive-attenuation",
        what="a drive attenuation",
        example="0:6@12-13",
        effect=attenuate_drive,
        effect_text="the drive is weaker by DB, its crosstalk too",
        remark="the drive has been attenuated by {0:g}\N{NO-BREAK SPACE}dB",
        cause="drive-attenuation",
        sizes=(_DECIBEL,),
    ),
    QubitFaultKind(
        name="drive-gain",
        what="a drive gain",
        example="0:3@12-13",
        effect=amplify_drive,
        effect_text="the drive is stronger by DB, its crosstalk too",
        remark="the drive has been amplified by {0:g}\N{NO-BREAK SPACE}dB",
        cause="drive-gain",
        sizes=(FaultSize("DB", "the change in dB", 0.0, 40.0),),
    ),
    QubitFaultKind(
        name="drive-compression",
        what="a drive compression",
        example="0:0.2@12-13",
        effect=compress_drive,
        effect_text="the generator emits a / (1 + (a / s)⁴)^¼ of an amplitude a, at most s = AMPLITUDE (Rapp's model of an amplifier, ECSC-2 (1991), with p = 2)",
        remark="the drive has been compressed to at most {0:g}\N{NO-BREAK SPACE}a.u.",
        cause="drive-compression",
        sizes=(FaultSize("AMPLITUDE", "the largest amplitude", 0.001, 10.0),),
        on_pulses=False,
    ),
    QubitFaultKind(
        name="drive-noise",
        what="a drive noise",
        example="0:0.1@12-13",
        effect=add_drive_noise,
        effect_text="the relative amplitude scatters between shots with standard deviation SHARE, in addition to the usual scatter; tones are unchanged (Green et al., New J. Phys. 15, 095004 (2013): amplitude noise)",
        remark="the drive amplitude has fluctuated by {0:.2g} of itself",
        cause="drive-noise",
        sizes=(FaultSize("SHARE", "the standard deviation", 0.0, 0.5),),
    ),
    QubitFaultKind(
        name="swapped-drive",
        what="a swap of drive lines",
        example="0:1@12-13",
        effect=swap_drives,
        effect_text="the lines of two qubits are swapped: each qubit receives its own generator only through the crosstalk of the other line (60 dB less without a coupling), and that generator drives the other qubit",
        remark="the drive line has been swapped with that of qubit {partner}",
        cause="swapped-drive",
        partner=True,
    ),
    QubitFaultKind(
        name="wrong-sign",
        what="a wrong sign of phases",
        example="0@12-13",
        effect=mirror_phases,
        effect_text="the generator plays all phases of the line with the other sign: DRAG, Y rotations, the artificial detuning of fringes, tones (exchanged I and Q; Krantz 2019, section IV)",
        remark="the generator has played phases with the wrong sign",
        cause="wrong-sign",
        on_pulses=False,
    ),
    QubitFaultKind(
        name="pulse-distortion",
        what="a pulse distortion",
        example="0:0.1@12-13",
        effect=distort_pulses,
        effect_text="the step response of the line is 1 + SHARE (1 + i) exp(−t / 30 ns), so shaped pulses rotate about other axes and long pulses start stronger; tones are unchanged (Gustavsson et al., PRL 110, 040502 (2013)). Tails after the end of a pulse are left out",
        remark="pulses have been distorted by {0:.2g}",
        cause="pulse-distortion",
        sizes=(FaultSize("SHARE", "the share", 0.0, 0.5),),
        on_pulses=False,
    ),
    QubitFaultKind(
        name="lost-sequences",
        what="a loss of sequences",
        example="0:0.02@12-13",
        effect=lose_sequences,
        effect_text="a random sequence of one qubit is not played with a probability of SHARE (default 0.02), as without a trigger: the qubit stays in |0⟩, so that a sequence that should end in |1⟩ contradicts the others of its length",
        remark="a share of {0:g} of the random sequences has not been played",
        cause="lost-sequences",
        sizes=(FaultSize("SHARE", "the share", 0.0, 1.0, usual=0.02),),
        on_pulses=False,
    ),
    QubitFaultKind(
        name="crosstalk",
        what="a crosstalk",
        example="0:1:-6@12-13",
        effect=add_crosstalk,
        effect_text="the drive line of each of two qubits reaches the other one with DB relative to its own line (Sundaresan et al., PRX Quantum 1, 020318 (2020); usual: −20 to −40 dB)",
        remark="the crosstalk with the drive of qubit {partner} has been {0:g}\N{NO-BREAK SPACE}dB",
        cause="crosstalk",
        sizes=(FaultSize("DB", "the relative strength in dB", -60.0, 10.0),),
        partner=True,
    ),
)
