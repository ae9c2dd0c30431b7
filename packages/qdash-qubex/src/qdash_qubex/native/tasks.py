"""Tasks specific to the backend `qubex-native`."""

from __future__ import annotations

from qdash_qubex.native.bell_state_tomography import CheckBellStateTomography
from qdash_qubex.native.coherence_limit import Check2QGateCoherenceLimit
from qdash_qubex.native.cross_resonance import CheckCrossResonance
from qdash_qubex.native.drag_pulses import CreateDRAGHPIPulse, CreateDRAGPIPulse
from qdash_qubex.native.interleaved_benchmarking import (
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
    ZX90InterleavedRandomizedBenchmarking,
)
from qdash_qubex.native.plain_pulses import CreateHPIPulse, CreatePIPulse
from qdash_qubex.native.qubit_spectroscopy import CheckQubitSpectroscopy
from qdash_qubex.native.rabi import CheckRabi
from qdash_qubex.native.ramsey import CheckRamsey
from qdash_qubex.native.randomized_benchmarking import RandomizedBenchmarking
from qdash_qubex.native.readout_classification import ReadoutClassification
from qdash_qubex.native.resonator_spectroscopy import CheckResonatorSpectroscopy
from qdash_qubex.native.t1 import CheckT1
from qdash_qubex.native.t2_echo import CheckT2Echo
from qdash_qubex.native.zx90 import CreateZX90

NATIVE_TASKS = (
    CheckResonatorSpectroscopy,
    CheckQubitSpectroscopy,
    CheckRabi,
    CreateHPIPulse,
    CreatePIPulse,
    CreateDRAGHPIPulse,
    CreateDRAGPIPulse,
    ReadoutClassification,
    CheckT1,
    CheckT2Echo,
    CheckRamsey,
    RandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
    CheckCrossResonance,
    CreateZX90,
    ZX90InterleavedRandomizedBenchmarking,
    CheckBellStateTomography,
)
"""Tasks made of the library's procedures, in the order of a bring-up."""

TASKS = (*NATIVE_TASKS, Check2QGateCoherenceLimit)
"""All tasks of the backend, including computed ones."""
