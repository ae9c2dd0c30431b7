"""What the standard tasks declare: names, inputs, outputs, units, run parameters."""

from qdash_tasks.declarations.benchmarking import (
    Check1QGateCoherenceLimit,
    RandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)
from qdash_tasks.declarations.coherence import (
    CheckQubitFrequency,
    CheckRamsey,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckT2EchoAverage,
)
from qdash_tasks.declarations.coupling import Check2QGateCoherenceLimit
from qdash_tasks.declarations.drive import (
    CheckChevron,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckFineChevron,
    CheckRabi,
)
from qdash_tasks.declarations.pulses import (
    CheckDRAGHPIPulse,
    CheckDRAGPIPulse,
    CheckHPIPulse,
    CheckPIPulse,
    CreateDRAGHPIPulse,
    CreateDRAGPIPulse,
    CreateHPIPulse,
    CreatePIPulse,
)
from qdash_tasks.declarations.readout import (
    CheckOptimalReadoutAmplitude,
    CheckReadoutFrequency,
    ReadoutClassification,
)
from qdash_tasks.declarations.spectroscopy import CheckQubitSpectroscopy, CheckResonatorSpectroscopy

__all__ = [
    "Check1QGateCoherenceLimit",
    "Check2QGateCoherenceLimit",
    "CheckChevron",
    "CheckCoarseChevron",
    "CheckControlAmplitude",
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
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
    "CreateHPIPulse",
    "CreatePIPulse",
    "RandomizedBenchmarking",
    "ReadoutClassification",
    "SimultaneousRandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
    "X180InterleavedRandomizedBenchmarking",
]
