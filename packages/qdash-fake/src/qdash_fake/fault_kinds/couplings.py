"""Faults of couplings: their exchange, and the path of cross-resonance tones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.timed_changes import CouplingFaultKind
from qdash_fake.timed_faults import FaultSize

if TYPE_CHECKING:
    from qdash_fake.physics.chip import CouplingTruth
    from qdash_fake.timed_changes import PresentFault


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


COUPLING_FAULTS = (
    CouplingFaultKind(
        name="weak-coupling",
        what="a weak coupling",
        example="0-1:4@12-13",
        effect=weaken,
        effect_text="the exchange J is divided by FACTOR, and the ZX rate with it; static ZZ falls with J² (Magesan and Gambetta, PRA 101, 052308 (2020))",
        remark="the exchange is reduced by a factor of {0:g}",
        cause="weak-coupling",
        sizes=(FaultSize("FACTOR", "the factor", 1.0, 1e3),),
    ),
    CouplingFaultKind(
        name="strong-zz",
        what="a strong ZZ",
        example="0-1:6@12-13",
        effect=strengthen,
        effect_text="static ZZ is FACTOR times as large, through an exchange J that is √FACTOR times as large",
        remark="static ZZ is larger by a factor of about {0:g}",
        cause="strong-zz",
        sizes=(FaultSize("FACTOR", "the factor", 1.0, 100.0),),
    ),
    CouplingFaultKind(
        name="cr-attenuation",
        what="a cross-resonance attenuation",
        example="0-1:10@12-13",
        effect=attenuate_tones,
        effect_text="cross-resonance tones fall by 10^(−DB/20); one-qubit pulses, at another frequency of the line, are unchanged",
        remark="cross-resonance tones are {0:g}\N{NO-BREAK SPACE}dB lower",
        cause="cr-attenuation",
        sizes=(FaultSize("DB", "the attenuation in dB", 0.0, 120.0),),
    ),
    CouplingFaultKind(
        name="cr-phase",
        what="a cross-resonance phase",
        example="0-1:60@12-13",
        effect=turn_tones,
        effect_text="the phase of a cross-resonance tone changes by DEGREES relative to the line of the target",
        remark="the phase of cross-resonance tones has changed by {0:+g}\N{NO-BREAK SPACE}degrees",
        cause="cr-phase",
        sizes=(FaultSize("DEGREES", "the angle in degrees", -180.0, 180.0),),
    ),
)
