"""Faults of couplings."""

from __future__ import annotations

from qdash_fake.timed_faults import FaultKind, FaultSize

COUPLING_FAULTS = (
    FaultKind(
        name="weak-coupling",
        what="a weak coupling",
        example="0-1:4@12-13",
        effect="the exchange J is divided by FACTOR, and the ZX rate with it; static ZZ falls with J² (Magesan and Gambetta, PRA 101, 052308 (2020))",
        remark="the exchange is reduced by a factor of {0:g}",
        cause="weak-coupling",
        sizes=(FaultSize("FACTOR", "the factor", 1.0, 1e3),),
        on="coupling",
    ),
    FaultKind(
        name="strong-zz",
        what="a strong ZZ",
        example="0-1:6@12-13",
        effect="static ZZ is FACTOR times as large, through an exchange J that is √FACTOR times as large",
        remark="static ZZ is larger by a factor of about {0:g}",
        cause="strong-zz",
        sizes=(FaultSize("FACTOR", "the factor", 1.0, 100.0),),
        on="coupling",
    ),
    FaultKind(
        name="cr-attenuation",
        what="a cross-resonance attenuation",
        example="0-1:10@12-13",
        effect="cross-resonance tones fall by 10^(-DB/20); one-qubit pulses, at another frequency of the line, are unchanged",
        remark="cross-resonance tones are {0:g}\N{NO-BREAK SPACE}dB lower",
        cause="cr-attenuation",
        sizes=(FaultSize("DB", "the attenuation in dB", 0.0, 120.0),),
        on="coupling",
    ),
    FaultKind(
        name="cr-phase",
        what="a cross-resonance phase",
        example="0-1:60@12-13",
        effect="the phase of a cross-resonance tone changes by DEGREES relative to the line of the target",
        remark="the phase of cross-resonance tones has changed by {0:+g}\N{NO-BREAK SPACE}degrees",
        cause="cr-phase",
        sizes=(FaultSize("DEGREES", "the angle in degrees", -180.0, 180.0),),
        on="coupling",
    ),
)
