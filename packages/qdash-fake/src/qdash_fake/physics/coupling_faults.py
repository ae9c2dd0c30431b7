"""Faults of couplings: their exchange, and the path of cross-resonance tones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import CouplingTruth
    from qdash_fake.physics.timed_changes import PresentFault


def weaken(coupling: CouplingTruth, now: PresentFault) -> CouplingTruth:
    """Return the coupling with its exchange divided by a factor; static ZZ falls with the square of it."""
    return replace(coupling, exchange_mhz=coupling.exchange_mhz / now.size)


def strengthen(coupling: CouplingTruth, now: PresentFault) -> CouplingTruth:
    """Return the coupling with its static ZZ multiplied by about a factor, its exchange by the root of that."""
    return replace(coupling, exchange_mhz=coupling.exchange_mhz * math.sqrt(now.size))


def attenuate_tones(coupling: CouplingTruth, now: PresentFault) -> CouplingTruth:
    """Return the coupling with lines that carry dB less at the frequency of the other qubit; one-qubit pulses stay."""
    return replace(coupling, tone_gain=coupling.tone_gain * 10 ** (-now.size / 20))


def turn_tones(coupling: CouplingTruth, now: PresentFault) -> CouplingTruth:
    """Return the coupling with tones whose phase relative to the target's line has changed by degrees."""
    a, b = (phase + math.radians(now.size) for phase in coupling.line_phases_rad)
    return replace(coupling, line_phases_rad=(a, b))
