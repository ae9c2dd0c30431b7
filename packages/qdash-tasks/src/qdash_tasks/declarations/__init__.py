"""What the standard tasks declare: names, inputs, outputs, units, run parameters."""

from qdash_tasks.declarations.benchmarking import (
    RandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)
from qdash_tasks.declarations.coupling import (
    CheckBellState,
    CheckBellStateTomography,
    CheckCrossResonance,
    CheckZX90,
    CheckZZInteraction,
    CreateZX90,
    ZX90InterleavedRandomizedBenchmarking,
)
from qdash_tasks.declarations.drive import (
    CheckChevron,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckFineChevron,
    CheckRabi,
)
from qdash_tasks.declarations.readout import (
    CheckOptimalReadoutAmplitude,
    CheckReadoutFrequency,
    ReadoutClassification,
)
from qdash_tasks.declarations.spectroscopy import CheckQubitSpectroscopy, CheckResonatorSpectroscopy

__all__ = [
    "CheckBellState",
    "CheckBellStateTomography",
    "CheckChevron",
    "CheckCoarseChevron",
    "CheckControlAmplitude",
    "CheckCrossResonance",
    "CheckFineChevron",
    "CheckOptimalReadoutAmplitude",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckReadoutFrequency",
    "CheckResonatorSpectroscopy",
    "CheckZX90",
    "CheckZZInteraction",
    "CreateZX90",
    "RandomizedBenchmarking",
    "ReadoutClassification",
    "SimultaneousRandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
    "X180InterleavedRandomizedBenchmarking",
    "ZX90InterleavedRandomizedBenchmarking",
]
