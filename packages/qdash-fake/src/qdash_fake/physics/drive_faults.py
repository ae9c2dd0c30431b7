"""Effects of faults of a drive line; `fault_kinds.of_drives` has their sources."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.timed_changes import PresentFault

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

    What its generator plays arrives through the crosstalk of the other line. The generator of the other qubit plays on this
    qubit's own line, which is therefore its crosstalk.
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
