"""Requests for one qubit: one class for each kind of measurement.

A request is data, with units in the names of its fields. It states what is measured, not how: pulses,
frequencies and readout are those of the settings in use, unless the request sets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.requests.delays import Echo, Ramsey, Relaxation
from qdash_tasks.laboratory.requests.detuned_ramsey import DetunedRamsey
from qdash_tasks.laboratory.requests.drive import Chevron, QubitScan, Rabi, RabiAmplitude
from qdash_tasks.laboratory.requests.readout import ReadoutScan, ReadoutWaveform, SingleShots
from qdash_tasks.laboratory.requests.sequences import (
    DragScan,
    PulseTrain,
    RandomSequences,
    SimultaneousSequences,
)

if TYPE_CHECKING:
    from qdash_tasks.laboratory.request import Request

__all__ = [
    "CAPTURE_REQUESTS",
    "QUBIT_REQUESTS",
    "Chevron",
    "DetunedRamsey",
    "DragScan",
    "Echo",
    "PulseTrain",
    "QubitScan",
    "Rabi",
    "RabiAmplitude",
    "Ramsey",
    "RandomSequences",
    "ReadoutScan",
    "ReadoutWaveform",
    "Relaxation",
    "SimultaneousSequences",
    "SingleShots",
]

QUBIT_REQUESTS: frozenset[type[Request]] = frozenset(
    {
        ReadoutScan,
        QubitScan,
        SingleShots,
        Rabi,
        RabiAmplitude,
        Chevron,
        Relaxation,
        Ramsey,
        DetunedRamsey,
        Echo,
        PulseTrain,
        DragScan,
        RandomSequences,
        SimultaneousSequences,
    }
)
"""All kinds of measurement on one qubit that are compiled to pulse programs."""

CAPTURE_REQUESTS: frozenset[type[Request]] = frozenset({ReadoutWaveform})
"""Kinds of measurement that pulse programs cannot express. A laboratory adds them to its `requests`; a
`PulseLaboratory` answers them by its method `answer`.
"""
