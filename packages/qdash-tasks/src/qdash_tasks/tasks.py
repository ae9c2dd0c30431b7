"""Registry of all standard tasks."""

from qdash_tasks.coupling.bell_state import CheckBellState
from qdash_tasks.coupling.bell_state_tomography import CheckBellStateTomography
from qdash_tasks.coupling.check_zx90 import CheckZX90
from qdash_tasks.coupling.coherence_limit import Check2QGateCoherenceLimit
from qdash_tasks.coupling.cross_resonance import CheckCrossResonance
from qdash_tasks.coupling.zx90.create_zx90 import CreateZX90
from qdash_tasks.coupling.zx90_interleaved import ZX90InterleavedRandomizedBenchmarking
from qdash_tasks.coupling.zz_interaction import CheckZZInteraction
from qdash_tasks.qubit.benchmarking import (
    RandomizedBenchmarking,
    SimultaneousRandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)
from qdash_tasks.qubit.check_pulse import CheckDRAGHPIPulse, CheckDRAGPIPulse, CheckHPIPulse, CheckPIPulse
from qdash_tasks.qubit.check_qubit import CheckQubit
from qdash_tasks.qubit.chevron import CheckChevron
from qdash_tasks.qubit.coarse_chevron import CheckCoarseChevron
from qdash_tasks.qubit.coherence_limit import Check1QGateCoherenceLimit
from qdash_tasks.qubit.control_amplitude import CheckControlAmplitude
from qdash_tasks.qubit.decays import CheckT1, CheckT1Average, CheckT2Echo, CheckT2EchoAverage
from qdash_tasks.qubit.dispersive_shift import CheckDispersiveShift
from qdash_tasks.qubit.drag_pulse import CreateDRAGHPIPulse, CreateDRAGPIPulse
from qdash_tasks.qubit.electrical_delay import CheckElectricalDelay
from qdash_tasks.qubit.fine_chevron import CheckFineChevron
from qdash_tasks.qubit.optimal_readout_frequency import CheckOptimalReadoutFrequency
from qdash_tasks.qubit.plain_pulse import CreateHPIPulse, CreatePIPulse
from qdash_tasks.qubit.qubit_frequencies import CheckQubitFrequencies
from qdash_tasks.qubit.qubit_frequency import CheckQubitFrequency
from qdash_tasks.qubit.qubit_spectroscopy import CheckQubitSpectroscopy
from qdash_tasks.qubit.rabi import CheckRabi
from qdash_tasks.qubit.ramsey import CheckRamsey
from qdash_tasks.qubit.readout_amplitude import CheckOptimalReadoutAmplitude
from qdash_tasks.qubit.readout_classification import ReadoutClassification
from qdash_tasks.qubit.readout_frequency import CheckReadoutFrequency
from qdash_tasks.qubit.readout_snr import CheckReadoutAmplitude
from qdash_tasks.qubit.reflection_coefficient import CheckReflectionCoefficient
from qdash_tasks.qubit.resonator_frequencies import CheckResonatorFrequencies
from qdash_tasks.qubit.resonator_spectroscopy import CheckResonatorSpectroscopy
from qdash_tasks.qubit.simultaneous_spectroscopy import CheckSimultaneousQubitSpectroscopy
from qdash_tasks.qubit.waveform import CheckWaveform

QUBIT_TASKS = (
    CheckResonatorFrequencies,
    CheckResonatorSpectroscopy,
    CheckReflectionCoefficient,
    CheckElectricalDelay,
    CheckWaveform,
    CheckQubitSpectroscopy,
    CheckQubitFrequencies,
    CheckSimultaneousQubitSpectroscopy,
    CheckCoarseChevron,
    CheckFineChevron,
    CheckControlAmplitude,
    CheckRabi,
    CheckQubit,
    CheckChevron,
    CheckReadoutFrequency,
    CheckOptimalReadoutFrequency,
    CheckDispersiveShift,
    CheckReadoutAmplitude,
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
)
"""Standard tasks on one qubit, in the order of a bring-up."""

COUPLING_TASKS = (
    CheckCrossResonance,
    CreateZX90,
    CheckZX90,
    CheckZZInteraction,
    CheckBellState,
    CheckBellStateTomography,
    Check2QGateCoherenceLimit,
    ZX90InterleavedRandomizedBenchmarking,
)
"""Standard tasks on two coupled qubits, in the order in which a coupling needs them."""

TASKS = (*QUBIT_TASKS, *COUPLING_TASKS)
"""All standard tasks, in the order of a bring-up."""

__all__ = [
    "COUPLING_TASKS",
    "QUBIT_TASKS",
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
    "CheckDispersiveShift",
    "CheckElectricalDelay",
    "CheckFineChevron",
    "CheckHPIPulse",
    "CheckOptimalReadoutAmplitude",
    "CheckOptimalReadoutFrequency",
    "CheckPIPulse",
    "CheckQubit",
    "CheckQubitFrequencies",
    "CheckQubitFrequency",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckRamsey",
    "CheckReadoutAmplitude",
    "CheckReadoutFrequency",
    "CheckReflectionCoefficient",
    "CheckResonatorFrequencies",
    "CheckResonatorSpectroscopy",
    "CheckSimultaneousQubitSpectroscopy",
    "CheckT1",
    "CheckT1Average",
    "CheckT2Echo",
    "CheckT2EchoAverage",
    "CheckWaveform",
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
