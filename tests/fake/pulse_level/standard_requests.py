"""Every standard request with its variants, for both twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory import pair_requests as of_pairs
from qdash_tasks.laboratory import requests as of_qubits
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings

LENGTHS = np.array([1.0, 10.0, 50.0, 150.0, 300.0] * 4)
PAIR_LENGTHS = np.array([1.0, 3.0, 6.0, 12.0, 20.0] * 4)


def on_a_qubit(settings: Settings) -> Mapping[str, Request]:
    """Return requests on one qubit, by name."""
    near = settings.readout_frequency_ghz + np.linspace(-3, 3, 31) * 1e-3
    drive = settings.drive_frequency_ghz
    durations, counts = np.arange(0.0, 300.0, 6.0), np.arange(0.0, 41.0)
    quick, slow = np.linspace(0, 4, 41), np.linspace(0, 120, 41)
    betas = np.linspace(-1, 2, 25)
    return {
        "ReadoutScan, left alone": of_qubits.ReadoutScan(near),
        "ReadoutScan, state 0": of_qubits.ReadoutScan(near, 0),
        "ReadoutScan, state 1, weaker": of_qubits.ReadoutScan(near, 1, 0.7 * settings.readout_amplitude),
        "SingleShots, state 0": of_qubits.SingleShots(0),
        "SingleShots, state 1, weaker": of_qubits.SingleShots(1, 0.7 * settings.readout_amplitude),
        "QubitScan, 0.2 MHz": of_qubits.QubitScan(drive + np.linspace(-2, 2, 31) * 1e-3, 0.001),
        "QubitScan, 2 MHz": of_qubits.QubitScan(drive + np.linspace(-15, 15, 31) * 1e-3, 0.01),
        "QubitScan, 20 MHz": of_qubits.QubitScan(drive + np.linspace(-0.3, 0.05, 71), 0.1),
        "Rabi": of_qubits.Rabi(durations),
        "Rabi, half of full scale": of_qubits.Rabi(durations, 0.5),
        "RabiAmplitude": of_qubits.RabiAmplitude(np.linspace(0, 1, 41), 60.0),
        "Chevron": of_qubits.Chevron(durations, drive + np.linspace(-10, 10, 7) * 1e-3),
        "Chevron, 0.8 of full scale": of_qubits.Chevron(durations, drive + np.array([-0.1, 0.0, 0.1]), 0.8),
        "Relaxation": of_qubits.Relaxation(np.linspace(0, 400, 31)),
        "Ramsey, +1 MHz": of_qubits.Ramsey(quick, 1.0),
        "Ramsey, -1 MHz": of_qubits.Ramsey(quick, -1.0),
        "DetunedRamsey, 2 MHz above": of_qubits.DetunedRamsey(quick, -3.0, drive + 2e-3),
        "Ramsey, long": of_qubits.Ramsey(slow, 0.1),
        "Echo": of_qubits.Echo(np.linspace(0, 200, 31)),
        "PulseTrain, X90": of_qubits.PulseTrain(counts, settings.x90),
        "PulseTrain, X180, superposition": of_qubits.PulseTrain(counts, settings.x180, "superposition"),
        "PulseTrain, X180 without DRAG": of_qubits.PulseTrain(counts, settings.plain_x180, "superposition"),
        "DragScan, X90": of_qubits.DragScan(betas, settings.x90, 20),
        "DragScan, X180": of_qubits.DragScan(betas, settings.x180, 10),
        "RandomSequences": of_qubits.RandomSequences(LENGTHS),
        "RandomSequences, X90": of_qubits.RandomSequences(LENGTHS, "X90"),
        "RandomSequences, X180": of_qubits.RandomSequences(LENGTHS, "X180"),
    }


def on_a_coupling(control: str, target: str, target_ghz: float) -> Mapping[str, Request]:
    """Return requests on two coupled qubits, by name; the target is driven at `target_ghz`."""
    both = control, target
    durations, quick = np.linspace(60, 900, 22).round(), np.linspace(0, 6, 31)
    plain, cancelled = CrossResonanceTone(0.25, 0.4), CrossResonanceTone(0.25, 0.4, 0.01, 1.0)
    rotary = CrossResonanceTone(0.25, -1.0, 0.01, 2.0, -0.04)
    gate, counts = ZX90(cancelled, 200.0), np.arange(0.0, 9.0)
    return {
        "ReadoutReferences": of_pairs.ReadoutReferences(*both),
        "CrossResonance": of_pairs.CrossResonance(*both, durations, plain),
        "CrossResonance, later": of_pairs.LaterCrossResonance(*both, durations, plain, wait_ns=60.0),
        "CrossResonance, cancelled": of_pairs.CrossResonance(*both, durations, cancelled),
        "CrossResonance, rotary": of_pairs.CrossResonance(*both, durations, rotary),
        "GateTrain, state 0": of_pairs.GateTrain(*both, counts, gate, 0),
        "GateTrain, state 1, superposition": of_pairs.GateTrain(*both, counts, gate, 1, "superposition"),
        "ConditionalRamsey, state 0, +1 MHz": of_pairs.ConditionalRamsey(*both, quick, 0, 1.0),
        "ConditionalRamsey, state 1, -1 MHz": of_pairs.ConditionalRamsey(*both, quick, 1, -1.0),
        "ConditionalRamsey, state 1, long": of_pairs.ConditionalRamsey(*both, 10 * quick, 1, 0.2),
        "DetunedConditionalRamsey, 2 MHz above": of_pairs.DetunedConditionalRamsey(
            *both, quick, 0, -3.0, target_ghz + 2e-3
        ),
        **{
            f"JointShots, {prepare}, {bases}": of_pairs.JointShots(*both, prepare, bases, gate)
            for prepare, bases in (("01", "ZZ"), ("10", "XY"), ("bell", "XX"), ("bell", "YY"), ("bell", "ZZ"))
        },
        "RandomPairSequences": of_pairs.RandomPairSequences(*both, PAIR_LENGTHS, gate=gate),
        "RandomPairSequences, interleaved": of_pairs.RandomPairSequences(*both, PAIR_LENGTHS, True, gate),
    }
