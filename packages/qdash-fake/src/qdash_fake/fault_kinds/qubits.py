"""Faults of a qubit itself: its frequency, coherence and temperature."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.models.targets import make_coupling_id
from qdash_fake.physics.t1_falls import add_quasiparticles, fall_t1, relax_faster
from qdash_fake.physics.warm_ups import excite_thermally
from qdash_fake.timed_changes import QubitFaultKind
from qdash_fake.timed_faults import FaultSize

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.timed_changes import PresentFault

_DEFECT_HALF_WIDTH_MHZ = 1.0
_SHARED = 1 / math.sqrt(2)
_INSIDE = 0.999
"""Distance of qubits in resonance in units of 2 J, just below which excitations are shared."""


def shift_frequency(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its frequency shifted by the size in MHz."""
    return _shift(qubit, now.size)


def ramp_frequency(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its frequency shifted by the size in MHz for each hour."""
    return _shift(qubit, now.size * now.since_h)


def add_defect(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit beside a two-level system, in the limit of a coupling below its width (`physics.defects`)."""
    distance, coupling = 2 * math.pi * now.size, 2 * math.pi * 1e-3 * now.fault.sizes[1]
    width = 2 * math.pi * _DEFECT_HALF_WIDTH_MHZ
    pull = coupling**2 / (width**2 + distance**2)
    return _shift(relax_faster(qubit, 2 * pull * width), -pull * distance / (2 * math.pi))


def dephase(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its echo time divided by the size."""
    coherence = qubit.coherence
    return replace(qubit, coherence=replace(coherence, t2_echo_us=coherence.t2_echo_us / now.size))


def add_slow_noise(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its T2* (without beating) divided by the size."""
    from qdash_fake.physics.coherence import compute_jitter
    from qdash_fake.physics.mismatch import NONE

    coherence = qubit.coherence
    star_us = replace(coherence, mismatch=NONE).t2_star_us / now.size
    jitter_mhz = compute_jitter(t2_star_us=star_us, t2_echo_us=coherence.t2_echo_us)
    return replace(qubit, coherence=replace(coherence, jitter_mhz=jitter_mhz))


def let_frequency_wander(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with a frequency that differs between points by the size in kHz."""
    mismatch = replace(qubit.mismatch, frequency_wander_mhz=1e-3 * now.size)
    return replace(qubit, mismatch=mismatch, coherence=replace(qubit.coherence, mismatch=mismatch))


def split_by_charge(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with the size in MHz between the frequencies of both charge parities."""
    mismatch = replace(qubit.mismatch, parity_mhz=now.size / 2)
    return replace(qubit, mismatch=mismatch, coherence=replace(qubit.coherence, mismatch=mismatch))


def heat(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with at least the thermal population of the size."""
    return excite_thermally(qubit, max(qubit.thermal_population, now.size))


def bring_into_resonance(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return one of two qubits that share their excitations; the first one moves to the second."""
    partner = now.get_partner(qubit)
    coupling = now.chip.couplings.get(make_coupling_id(qubit.qid, partner.qid))
    apart_mhz = 0.0 if coupling is None else 2 * _INSIDE * coupling.exchange_mhz
    moved = qubit
    if qubit.qid == now.fault.target:
        moved = replace(qubit, frequency_ghz=partner.frequency_ghz + 1e-3 * apart_mhz)
    if coupling is None:
        return moved
    drive = replace(qubit.drive, rabi_per_amplitude_mhz=qubit.drive.rabi_per_amplitude_mhz * _SHARED)
    crosstalk = MappingProxyType({**qubit.crosstalk, partner.qid: (1.0, 1.0)})
    return replace(moved, drive=drive, crosstalk=crosstalk)


def collide_with_f12(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the first of two qubits with its f12 at the frequency of the second; the second stays."""
    if qubit.qid != now.fault.target:
        return qubit
    return replace(qubit, frequency_ghz=now.get_partner(qubit).frequency_ghz - qubit.anharmonicity_ghz)


def _shift(qubit: QubitTruth, by_mhz: float) -> QubitTruth:
    return replace(qubit, frequency_ghz=qubit.frequency_ghz + 1e-3 * by_mhz)


_FACTOR = FaultSize("FACTOR", "the factor", 1.0, 1e3)

QUBIT_FAULTS = (
    QubitFaultKind(
        name="frequency-jump",
        what="a frequency jump",
        example="0:-3@12-13",
        effect=shift_frequency,
        effect_text="the qubit frequency is shifted by MHZ; static ZZ follows. Two-level systems shift it by kHz (Schlör et al., PRL 123, 190502 (2019)), a thermal cycle by MHz",
        remark="the qubit frequency has been shifted by {0:+g}\N{NO-BREAK SPACE}MHz",
        cause="frequency-jump",
        sizes=(FaultSize("MHZ", "the shift in MHz", -1000.0, 1000.0),),
    ),
    QubitFaultKind(
        name="frequency-ramp",
        what="a frequency ramp",
        example="0:5@12-18",
        effect=ramp_frequency,
        effect_text="the qubit frequency rises by MHZ per hour from the first hour on, also within a sweep, which is measured in up to 16 parts (those of couplings in one), and returns to its former value at the end (charge or flux drift: Krantz et al., Appl. Phys. Rev. 6, 021318 (2019))",
        remark="the qubit frequency has been rising by {0:g}\N{NO-BREAK SPACE}MHz per hour",
        cause="frequency-ramp",
        sizes=(FaultSize("MHZ", "the rise in MHz per hour", -1000.0, 1000.0),),
        on_pulses=False,
        within_sweeps=True,
    ),
    QubitFaultKind(
        name="defect",
        what="a defect",
        example="0:0.5:80@12-13",
        effect=add_defect,
        effect_text="a two-level system lies MHZ above the qubit, with a half width of 1 MHz and a coupling g of KHZ (80 unless given): 1/T1 grows by 2 g² w / (w² + d²), and the frequency moves by −g² d / (w² + d²) / 2π (Klimov 2018; Lisenfeld et al., npj Quantum Information 5, 105 (2019))",
        remark="a two-level system {0:g}\N{NO-BREAK SPACE}MHz from the qubit has coupled to it with {1:g}\N{NO-BREAK SPACE}kHz",
        cause="defect",
        sizes=(
            FaultSize("MHZ", "the distance in MHz", -50.0, 50.0),
            FaultSize("KHZ", "the coupling in kHz", 1.0, 500.0, usual=80.0),
        ),
    ),
    QubitFaultKind(
        name="t1-fall",
        what="a fall of T1",
        example="0:4@12-13",
        effect=lambda qubit, now: fall_t1(qubit, now.size),
        effect_text="T1 is divided by FACTOR; pure dephasing is unchanged, so T2 falls with it (a defect on resonance: Klimov et al., PRL 121, 090502 (2018))",
        remark="T1 has been reduced by a factor of {0:g}",
        cause="t1-fall",
        sizes=(_FACTOR,),
    ),
    QubitFaultKind(
        name="quasiparticles",
        what="a rise of quasiparticles",
        example="0:1:5@12-13",
        effect=lambda qubit, now: add_quasiparticles(qubit, *now.fault.sizes),
        effect_text="a shot has a Poisson number of quasiparticles of mean NUMBER, each of which relaxes the qubit with a time US (5 unless given): the decay exp(−t / T1 + n (exp(−t / US) − 1)) has two times, and ends with the former T1 (Pop et al., Nature 508, 369 (2014)). The true T1 is the 1/e time",
        remark="shots have had {0:g} quasiparticles in the mean, which relax the qubit within {1:g}\N{NO-BREAK SPACE}µs",
        cause="quasiparticles",
        sizes=(
            FaultSize("NUMBER", "the mean number", 0.01, 10.0),
            FaultSize("US", "the time in µs", 0.1, 1e3, usual=5.0),
        ),
    ),
    QubitFaultKind(
        name="dephasing",
        what="a rise of dephasing",
        example="0:4@12-13",
        effect=dephase,
        effect_text="the echo time is divided by FACTOR through white pure dephasing, T1 is unchanged and T2* also falls (photons in the resonator: Sears et al., PRB 86, 180504 (2012))",
        remark="the echo time has been reduced by a factor of {0:g}",
        cause="dephasing",
        sizes=(_FACTOR,),
    ),
    QubitFaultKind(
        name="slow-noise",
        what="slow noise",
        example="0:5@12-13",
        effect=add_slow_noise,
        effect_text="T2* is divided by FACTOR through a detuning that varies between shots; an echo refocuses it (1/f noise: Bylander et al., Nature Physics 7, 565 (2011))",
        remark="T2* has been reduced by a factor of {0:g}",
        cause="slow-noise",
        sizes=(_FACTOR,),
    ),
    QubitFaultKind(
        name="frequency-wander",
        what="a wander of the frequency",
        example="0:5@12-13",
        effect=let_frequency_wander,
        effect_text="the qubit frequency differs from point to point of Ramsey fringes, but not between the shots of a point, with a standard deviation of KHZ: scatter in quadrature to the fringes that grows with the delay. T2*, the time of the mean fringes, falls with it; other measurements are unchanged (fluctuators that switch within minutes: Burnett et al., npj Quantum Information 5, 54 (2019))",
        remark="the qubit frequency has differed from point to point by {0:g}\N{NO-BREAK SPACE}kHz",
        cause="frequency-wander",
        sizes=(FaultSize("KHZ", "the standard deviation in kHz", 0.01, 1e3),),
        on_pulses=False,
    ),
    QubitFaultKind(
        name="charge-splitting",
        what="a charge splitting",
        example="0:0.4@12-13",
        effect=split_by_charge,
        effect_text="the qubit has two frequencies MHZ apart, each for half of the shots: fringes beat and the line splits; pulses are not affected (charge parity: Koch et al., PRA 76, 042319 (2007); Ristè et al., Nat. Commun. 4, 1913 (2013))",
        remark="the qubit has had two frequencies {0:g}\N{NO-BREAK SPACE}MHz apart",
        cause="charge-splitting",
        sizes=(FaultSize("MHZ", "the distance in MHz", 0.001, 2.0),),
    ),
    QubitFaultKind(
        name="thermal",
        what="a thermal excitation",
        example="0:0.15@12-13",
        effect=heat,
        effect_text="the thermal population rises to POPULATION, unless it is higher already; T1 is unchanged. An active reset leaves only the population that is excited during the reset (hot qubits: Jin et al., PRL 114, 240501 (2015))",
        remark="the thermal population has been {0:.2g}",
        cause="thermal",
        sizes=(FaultSize("POPULATION", "the population", 0.0, 0.5),),
    ),
    QubitFaultKind(
        name="third-level",
        what="a population of the third level",
        example="0:0.02@12-13",
        effect=lambda qubit, now: replace(qubit, third_level=now.size),
        effect_text="a shot finds the qubit in |2⟩ with a probability of SHARE (default 0.02), whatever is played: a third cloud, and an admixture to every scan of the readout. |2⟩ shifts the resonator by twice as much as |1⟩ (leakage: Sank et al., PRL 117, 190503 (2016))",
        remark="a share of {0:g} of the shots has found the qubit in |2⟩",
        cause="third-level",
        sizes=(FaultSize("SHARE", "the share", 0.0, 0.5, usual=0.02),),
    ),
    QubitFaultKind(
        name="collision",
        what="a collision",
        example="0:1@12-13",
        effect=bring_into_resonance,
        effect_text="the bare frequencies of two coupled qubits are equal: the dressed ones are 2 J apart, each line drives both with 1/√2 of its strength, both resonators show both, and there is no gate (type 1 of Hertzberg et al., npj Quantum Information 7, 129 (2021))",
        remark="the qubit has been in resonance with qubit {partner}",
        cause="collision",
        partner=True,
        on_pulses=False,
    ),
    QubitFaultKind(
        name="f12-collision",
        what="a collision with f12",
        example="0:1@12-13",
        effect=collide_with_f12,
        effect_text="f12 of the first qubit equals f01 of the second, through the frequency of the first; static ZZ follows from the levels (type 3 of Hertzberg 2021)",
        remark="the qubit has been in resonance with qubit {partner} through f12",
        cause="collision",
        partner=True,
    ),
)
