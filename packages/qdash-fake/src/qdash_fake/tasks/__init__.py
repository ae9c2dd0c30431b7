"""The calibration tasks of the `fake` backend, one file each."""

from qdash_fake.tasks.bell_state import CheckBellState, CheckBellStateTomography
from qdash_fake.tasks.benchmarking import (
    RandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)
from qdash_fake.tasks.check_zx90 import CheckZX90
from qdash_fake.tasks.chevron import CheckChevron
from qdash_fake.tasks.coarse_chevron import CheckCoarseChevron
from qdash_fake.tasks.coherence_limit import Check1QGateCoherenceLimit, Check2QGateCoherenceLimit
from qdash_fake.tasks.control_amplitude import CheckControlAmplitude
from qdash_fake.tasks.cross_resonance import CheckCrossResonance
from qdash_fake.tasks.drag import CreateDRAGHPIPulse, CreateDRAGPIPulse
from qdash_fake.tasks.fine_chevron import CheckFineChevron
from qdash_fake.tasks.pair_benchmarking import ZX90InterleavedRandomizedBenchmarking
from qdash_fake.tasks.pulse_amplitude import (
    CheckDRAGHPIPulse,
    CheckDRAGPIPulse,
    CheckHPIPulse,
    CheckPIPulse,
    CreateHPIPulse,
    CreatePIPulse,
)
from qdash_fake.tasks.qubit_frequency import CheckQubitFrequency
from qdash_fake.tasks.qubit_spectroscopy import CheckQubitSpectroscopy
from qdash_fake.tasks.rabi import CheckRabi
from qdash_fake.tasks.ramsey import CheckRamsey
from qdash_fake.tasks.readout_amplitude import CheckOptimalReadoutAmplitude
from qdash_fake.tasks.readout_classification import ReadoutClassification
from qdash_fake.tasks.readout_frequency import CheckReadoutFrequency
from qdash_fake.tasks.resonator_spectroscopy import CheckResonatorSpectroscopy
from qdash_fake.tasks.t1 import CheckT1, CheckT1Average
from qdash_fake.tasks.t2_echo import CheckT2Echo, CheckT2EchoAverage
from qdash_fake.tasks.zx90 import CreateZX90
from qdash_fake.tasks.zz_interaction import CheckZZInteraction

TASKS = (
    CheckResonatorSpectroscopy,
    CheckQubitSpectroscopy,
    CheckCoarseChevron,
    CheckFineChevron,
    CheckControlAmplitude,
    CheckRabi,
    CheckChevron,
    CheckReadoutFrequency,
    CheckOptimalReadoutAmplitude,
    ReadoutClassification,
    CheckQubitFrequency,
    CheckRamsey,
    CreateHPIPulse,
    CheckHPIPulse,
    CreatePIPulse,
    CheckPIPulse,
    CreateDRAGHPIPulse,
    CheckDRAGHPIPulse,
    CreateDRAGPIPulse,
    CheckDRAGPIPulse,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckT2EchoAverage,
    Check1QGateCoherenceLimit,
    RandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    CheckCrossResonance,
    CreateZX90,
    CheckZX90,
    CheckZZInteraction,
    CheckBellState,
    CheckBellStateTomography,
    Check2QGateCoherenceLimit,
    ZX90InterleavedRandomizedBenchmarking,
)
"""In the order of a bring-up."""

__all__ = [
    "TASKS",
    "Check1QGateCoherenceLimit",
    "Check2QGateCoherenceLimit",
    "CheckBellState",
    "CheckBellStateTomography",
    "CheckChevron",
    "CheckCoarseChevron",
    "CheckControlAmplitude",
    "CheckCrossResonance",
    "CheckDRAGHPIPulse",
    "CheckDRAGPIPulse",
    "CheckFineChevron",
    "CheckHPIPulse",
    "CheckOptimalReadoutAmplitude",
    "CheckPIPulse",
    "CheckQubitFrequency",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckRamsey",
    "CheckReadoutFrequency",
    "CheckResonatorSpectroscopy",
    "CheckT1",
    "CheckT1Average",
    "CheckT2Echo",
    "CheckT2EchoAverage",
    "CheckZX90",
    "CheckZZInteraction",
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
    "CreateHPIPulse",
    "CreatePIPulse",
    "CreateZX90",
    "RandomizedBenchmarking",
    "ReadoutClassification",
    "SimultaneousRandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
    "X180InterleavedRandomizedBenchmarking",
    "ZX90InterleavedRandomizedBenchmarking",
]
