"""The standard tasks, declared once: names, inputs, outputs, units, run parameters.

Backends implement a declaration by subclassing it, so that the same task means the same everywhere.
"""

from qdash_core.tasks.standard.benchmarking import (
    Check1QGateCoherenceLimit,
    RandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)
from qdash_core.tasks.standard.coherence import (
    CheckQubitFrequency,
    CheckRamsey,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckT2EchoAverage,
)
from qdash_core.tasks.standard.coupling import (
    Check2QGateCoherenceLimit,
    CheckBellState,
    CheckBellStateTomography,
    CheckCrossResonance,
    CheckZX90,
    CheckZZInteraction,
    CreateZX90,
    ZX90InterleavedRandomizedBenchmarking,
)
from qdash_core.tasks.standard.drive import (
    CheckChevron,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckFineChevron,
    CheckRabi,
)
from qdash_core.tasks.standard.pulses import (
    CheckDRAGHPIPulse,
    CheckDRAGPIPulse,
    CheckHPIPulse,
    CheckPIPulse,
    CreateDRAGHPIPulse,
    CreateDRAGPIPulse,
    CreateHPIPulse,
    CreatePIPulse,
)
from qdash_core.tasks.standard.readout import (
    CheckOptimalReadoutAmplitude,
    CheckReadoutFrequency,
    ReadoutClassification,
)
from qdash_core.tasks.standard.spectroscopy import CheckQubitSpectroscopy, CheckResonatorSpectroscopy

ONE_QUBIT_TASKS = (
    CheckResonatorSpectroscopy,
    CheckQubitSpectroscopy,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckRabi,
    CheckChevron,
    CheckFineChevron,
    CheckReadoutFrequency,
    CheckOptimalReadoutAmplitude,
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
    ReadoutClassification,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckT2EchoAverage,
    Check1QGateCoherenceLimit,
    RandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
)
"""Every standard task on one qubit, roughly in the order in which a chip needs them."""

TWO_QUBIT_TASKS = (
    CheckCrossResonance,
    CreateZX90,
    CheckZX90,
    CheckZZInteraction,
    CheckBellState,
    CheckBellStateTomography,
    Check2QGateCoherenceLimit,
    ZX90InterleavedRandomizedBenchmarking,
)
"""Every standard task on two coupled qubits, in the order in which a coupling needs them."""

__all__ = [
    "ONE_QUBIT_TASKS",
    "TWO_QUBIT_TASKS",
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
