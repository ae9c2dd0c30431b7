"""Faults of a qubit itself: its frequency, coherence and temperature."""

from __future__ import annotations

from qdash_fake.timed_faults import FaultKind, FaultSize

_FACTOR = FaultSize("FACTOR", "the factor", 1.0, 1e3)

QUBIT_FAULTS = (
    FaultKind(
        name="frequency-jump",
        what="a frequency jump",
        example="0:-3@12-13",
        effect="the qubit frequency is shifted by MHZ; static ZZ follows. Two-level systems shift it by kHz (Schlör et al., PRL 123, 190502 (2019)), a thermal cycle by MHz",
        remark="the qubit frequency has been shifted by {0:+g}\N{NO-BREAK SPACE}MHz",
        cause="frequency-jump",
        sizes=(FaultSize("MHZ", "the shift in MHz", -1000.0, 1000.0),),
    ),
    FaultKind(
        name="frequency-ramp",
        what="a frequency ramp",
        example="0:5@12-18",
        effect="the qubit frequency rises by MHZ per hour from the first hour on, also within a sweep, which is measured in up to 16 parts (those of couplings in one), and returns to its former value at the end (charge or flux drift: Krantz et al., Appl. Phys. Rev. 6, 021318 (2019))",
        remark="the qubit frequency has been rising by {0:g}\N{NO-BREAK SPACE}MHz per hour",
        cause="frequency-ramp",
        sizes=(FaultSize("MHZ", "the rise in MHz per hour", -1000.0, 1000.0),),
        on_pulses=False,
        within_sweeps=True,
    ),
    FaultKind(
        name="defect",
        what="a defect",
        example="0:0.5:80@12-13",
        effect="a two-level system lies MHZ above the qubit, with a half width of 1 MHz and a coupling g of KHZ (80 unless given): 1/T1 grows by 2 g² w / (w² + d²), and the frequency moves by -g² d / (w² + d²) / 2π (Klimov 2018; Lisenfeld et al., npj Quantum Information 5, 105 (2019))",
        remark="a two-level system {0:g}\N{NO-BREAK SPACE}MHz from the qubit has coupled to it with {1:g}\N{NO-BREAK SPACE}kHz",
        cause="defect",
        sizes=(
            FaultSize("MHZ", "the distance in MHz", -50.0, 50.0),
            FaultSize("KHZ", "the coupling in kHz", 1.0, 500.0, usual=80.0),
        ),
    ),
    FaultKind(
        name="t1-fall",
        what="a fall of T1",
        example="0:4@12-13",
        effect="T1 is divided by FACTOR; pure dephasing is unchanged, so T2 falls with it (a defect on resonance: Klimov et al., PRL 121, 090502 (2018))",
        remark="T1 has been reduced by a factor of {0:g}",
        cause="t1-fall",
        sizes=(_FACTOR,),
    ),
    FaultKind(
        name="dephasing",
        what="a rise of dephasing",
        example="0:4@12-13",
        effect="the echo time is divided by FACTOR through white pure dephasing, T1 is unchanged and T2* also falls (photons in the resonator: Sears et al., PRB 86, 180504 (2012))",
        remark="the echo time has been reduced by a factor of {0:g}",
        cause="dephasing",
        sizes=(_FACTOR,),
    ),
    FaultKind(
        name="slow-noise",
        what="slow noise",
        example="0:5@12-13",
        effect="T2* is divided by FACTOR through a detuning that varies between shots; an echo refocuses it (1/f noise: Bylander et al., Nature Physics 7, 565 (2011))",
        remark="T2* has been reduced by a factor of {0:g}",
        cause="slow-noise",
        sizes=(_FACTOR,),
    ),
    FaultKind(
        name="charge-splitting",
        what="a charge splitting",
        example="0:0.4@12-13",
        effect="the qubit has two frequencies MHZ apart, each for half of the shots: fringes beat and the line splits; pulses are not affected (charge parity: Koch et al., PRA 76, 042319 (2007); Ristè et al., Nat. Commun. 4, 1913 (2013))",
        remark="the qubit has had two frequencies {0:g}\N{NO-BREAK SPACE}MHz apart",
        cause="charge-splitting",
        sizes=(FaultSize("MHZ", "the distance in MHz", 0.001, 2.0),),
    ),
    FaultKind(
        name="thermal",
        what="a thermal excitation",
        example="0:0.15@12-13",
        effect="the thermal population is POPULATION, or the previous one if that is higher; T1 is unchanged, and an active reset leaves the population that is excited during its duration (hot qubits: Jin et al., PRL 114, 240501 (2015))",
        remark="the thermal population has been {0:.2g}",
        cause="thermal",
        sizes=(FaultSize("POPULATION", "the population", 0.0, 0.5),),
    ),
    FaultKind(
        name="collision",
        what="a collision",
        example="0:1@12-13",
        effect="both bare frequencies of two coupled qubits are equal: the dressed ones are 2 J apart, each line drives both with 1/√2 of its strength, both resonators show both, and there is no gate (type 1 of Hertzberg et al., npj Quantum Information 7, 129 (2021))",
        remark="the qubit has been in resonance with qubit {partner}",
        cause="collision",
        partner=True,
        on_pulses=False,
    ),
    FaultKind(
        name="f12-collision",
        what="a collision with f12",
        example="0:1@12-13",
        effect="f12 of the first qubit equals f01 of the second, through the frequency of the first; static ZZ follows from the levels (type 3 of Hertzberg 2021)",
        remark="the qubit has been in resonance with qubit {partner} through f12",
        cause="collision",
        partner=True,
    ),
)
