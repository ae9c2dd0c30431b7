"""Faults of the drive line of a qubit and of the generator before it."""

from __future__ import annotations

from qdash_fake.timed_faults import FaultKind, FaultSize

_DECIBEL = FaultSize("DB", "the change in dB", 0.0, 100.0)

DRIVE_FAULTS = (
    FaultKind(
        name="drive-attenuation",
        what="a drive attenuation",
        example="0:6@12-13",
        effect="the drive is weaker by DB, its crosstalk too",
        remark="the drive has been attenuated by {0:g}\N{NO-BREAK SPACE}dB",
        cause="drive-attenuation",
        sizes=(_DECIBEL,),
    ),
    FaultKind(
        name="drive-gain",
        what="a drive gain",
        example="0:3@12-13",
        effect="the drive is stronger by DB, its crosstalk too",
        remark="the drive has been amplified by {0:g}\N{NO-BREAK SPACE}dB",
        cause="drive-gain",
        sizes=(FaultSize("DB", "the change in dB", 0.0, 40.0),),
    ),
    FaultKind(
        name="drive-compression",
        what="a drive compression",
        example="0:0.2@12-13",
        effect="the generator emits a / (1 + (a / s)⁴)^¼ of an amplitude a, at most s = AMPLITUDE (Rapp's model of an amplifier, ECSC-2 (1991), with p = 2)",
        remark="the drive has been compressed to at most {0:g}\N{NO-BREAK SPACE}a.u.",
        cause="drive-compression",
        sizes=(FaultSize("AMPLITUDE", "the largest amplitude", 0.001, 10.0),),
        on_pulses=False,
    ),
    FaultKind(
        name="drive-noise",
        what="a drive noise",
        example="0:0.1@12-13",
        effect="the amplitude differs between shots by SHARE of itself (standard deviation), in addition to the usual scatter; tones are unchanged (Green et al., New J. Phys. 15, 095004 (2013): amplitude noise)",
        remark="the drive amplitude has fluctuated by {0:.2g} of itself",
        cause="drive-noise",
        sizes=(FaultSize("SHARE", "the standard deviation", 0.0, 0.5),),
    ),
    FaultKind(
        name="swapped-drive",
        what="a swap of drive lines",
        example="0:1@12-13",
        effect="the lines of two qubits are swapped: each qubit receives its own generator only through the crosstalk of the other line (60 dB less without a coupling), and that generator drives the other qubit",
        remark="the drive line has been swapped with that of qubit {partner}",
        cause="swapped-drive",
        partner=True,
    ),
    FaultKind(
        name="wrong-sign",
        what="a wrong sign of phases",
        example="0@12-13",
        effect="the generator plays all phases of the line with the other sign: DRAG, Y rotations, the artificial detuning of fringes, tones (exchanged I and Q; Krantz 2019, section IV)",
        remark="the generator has played phases with the wrong sign",
        cause="wrong-sign",
        on_pulses=False,
    ),
    FaultKind(
        name="pulse-distortion",
        what="a pulse distortion",
        example="0:0.1@12-13",
        effect="the step response of the line is 1 + SHARE (1 + i) exp(-t / 30 ns), so shaped pulses rotate about other axes and long pulses start stronger; tones are unchanged (Gustavsson et al., PRL 110, 040502 (2013)). Tails after the end of a pulse are left out",
        remark="pulses have been distorted by {0:.2g}",
        cause="pulse-distortion",
        sizes=(FaultSize("SHARE", "the share", 0.0, 0.5),),
        on_pulses=False,
    ),
    FaultKind(
        name="crosstalk",
        what="a crosstalk",
        example="0:1:-6@12-13",
        effect="the drive line of each of two qubits reaches the other one with DB relative to its own line (Sundaresan et al., PRX Quantum 1, 020318 (2020); usual: -20 to -40 dB)",
        remark="the crosstalk with the drive of qubit {partner} has been {0:g}\N{NO-BREAK SPACE}dB",
        cause="crosstalk",
        sizes=(FaultSize("DB", "the relative strength in dB", -60.0, 10.0),),
        partner=True,
    ),
)
