"""Standard flows, and the default tasks of the core's steps."""

from __future__ import annotations

from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    FilterByStatus,
    GenerateCRSchedule,
    OneQubitCheck,
    OneQubitFineTune,
    TwoQubitCalibration,
)
from qdash_core.hooks.flows import FlowTemplate

ROUGH = ("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi")
"""Tasks from the design to a usable π pulse.

None of them plays a shaped pulse or two pulses in a row, so they do not depend on the sign convention of
phases and envelopes.
"""
BRING_UP = (
    "CheckResonatorSpectroscopy",
    "CheckQubitSpectroscopy",
    "CheckRabi",
    "CheckReadoutFrequency",
    "CheckRamsey",
    "CreateHPIPulse",
    "CreatePIPulse",
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1",
    "CheckT2Echo",
    "Check1QGateCoherenceLimit",
    "RandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
)
ONE_QUBIT_CHECK = (
    "CheckRabi",
    "CheckRamsey",
    "CheckDRAGHPIPulse",
    "CheckDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1",
    "CheckT2Echo",
    "RandomizedBenchmarking",
)
ONE_QUBIT_FINE_TUNE = (
    "CheckReadoutFrequency",
    "CheckOptimalReadoutAmplitude",
    "CheckRamsey",
    "CreateHPIPulse",
    "CreatePIPulse",
    "CreateDRAGHPIPulse",
    "CreateDRAGPIPulse",
)
TWO_QUBIT_CALIBRATION = (
    "CheckCrossResonance",
    "CreateZX90",
    "CheckZX90",
    "CheckZZInteraction",
    "CheckBellState",
    "CheckBellStateTomography",
    "Check2QGateCoherenceLimit",
    "ZX90InterleavedRandomizedBenchmarking",
)

FLOWS = (
    FlowTemplate(
        "rough",
        "Rough calibration of all qubits up to a π pulse, as preparation for qdash lab check.",
        [CustomOneQubit(ROUGH)],
    ),
    FlowTemplate("bring-up", "Full calibration of all qubits.", [BringUp(BRING_UP)]),
    FlowTemplate("check", "Check of calibrated qubits for drift.", [OneQubitCheck(ONE_QUBIT_CHECK)]),
    FlowTemplate(
        "fine-tune", "Refinement of readout, frequency and pulses.", [OneQubitFineTune(ONE_QUBIT_FINE_TUNE)]
    ),
    FlowTemplate(
        "two-qubit",
        "ZX90 gates of the couplings of calibrated qubits.",
        [FilterByStatus(of="qubits"), GenerateCRSchedule(), TwoQubitCalibration(TWO_QUBIT_CALIBRATION)],
    ),
    FlowTemplate(
        "full",
        "Full calibration of all qubits, then of the couplings between calibrated qubits.",
        [
            BringUp(BRING_UP),
            FilterByStatus(),
            GenerateCRSchedule(),
            TwoQubitCalibration(TWO_QUBIT_CALIBRATION),
        ],
    ),
)
