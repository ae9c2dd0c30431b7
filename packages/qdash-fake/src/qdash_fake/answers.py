"""Twin's answers to each kind of request on one qubit: playback, readout, duration.

Functions return the trace or shots, and the time of each point between two readouts in us, shape (n,). Each draws its
noise by one call of `Instruments.rng` for the target in the order of the requests (random sequences, and faults that
differ from point to point, by one more).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_fake import programs, readout_programs
from qdash_tasks.laboratory import requests as of_qubits
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qdash_fake.instruments import Instruments, Populations
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]
    Answered = tuple[Answer, Floats]


@dataclass(frozen=True, slots=True)
class MeasuredQubit:
    """Qubit under measurement, with the qubits in superposition at the same time (itself too) and the spectroscopy of others."""

    lab: Instruments
    qid: str
    shots: Shots
    superposed: frozenset[str]
    saturated: Mapping[str, of_qubits.QubitScan]

    def sample_trace(self, x: Floats, ends: Populations) -> tuple[Trace, Floats]:
        """Sample the readout of the final populations of a program."""
        return self.lab.average(self.qid, x, ends, self.shots)


def _answer_readout_scan(at: MeasuredQubit, request: of_qubits.ReadoutScan) -> Answered:
    probe, sweep = request.amplitude, request.x
    if request.state is None:
        return readout_programs.measure_undriven(at.lab, at.qid, sweep, amplitude=probe, shots=at.shots)
    return readout_programs.measure_prepared(
        at.lab, at.qid, sweep, state=request.state, amplitude=probe, shots=at.shots
    )


def _answer_qubit_scan(at: MeasuredQubit, request: of_qubits.QubitScan) -> Answered:
    return readout_programs.measure_saturated(
        at.lab,
        at.qid,
        request.x,
        amplitude=request.amplitude,
        shots=at.shots,
        together={qid: (one.x, one.amplitude) for qid, one in at.saturated.items()},
    )


def _answer_readout_waveform(at: MeasuredQubit, request: of_qubits.ReadoutWaveform) -> Answered:
    return readout_programs.measure_windows(
        at.lab, at.qid, request.x, window_ns=request.window_ns, shots=at.shots
    )


def _answer_single_shots(at: MeasuredQubit, request: of_qubits.SingleShots) -> Answered:
    every, lengths_us = readout_programs.measure_prepared_shots(
        at.lab, at.qid, state=request.state, amplitude=request.amplitude, shots=at.shots
    )
    return ShotRecord(every), lengths_us


def _answer_rabi(at: MeasuredQubit, request: of_qubits.Rabi) -> Answered:
    return at.sample_trace(request.x, programs.rabi(at.lab, at.qid, request.x, amplitude=request.amplitude))


def _answer_rabi_amplitude(at: MeasuredQubit, request: of_qubits.RabiAmplitude) -> Answered:
    ends = programs.rabi_amplitude(at.lab, at.qid, request.x, duration_ns=request.duration_ns)
    return at.sample_trace(request.x, ends)


def _answer_chevron(at: MeasuredQubit, request: of_qubits.Chevron) -> Answered:
    every = np.tile(request.x, request.rows.size)
    ends = programs.chevron(
        at.lab,
        at.qid,
        every,
        durations_ns=request.x,
        frequencies_ghz=request.rows,
        amplitude=request.amplitude,
    )
    trace, lengths_us = at.sample_trace(every, ends)
    return trace.as_map(request.x, rows=request.rows), lengths_us


def _answer_relaxation(at: MeasuredQubit, request: of_qubits.Relaxation) -> Answered:
    return at.sample_trace(request.x, programs.t1(at.lab, at.qid, request.x))


def _answer_ramsey(at: MeasuredQubit, request: of_qubits.Ramsey) -> Answered:
    return _answer_fringes(at, request)


def _answer_detuned_ramsey(at: MeasuredQubit, request: of_qubits.DetunedRamsey) -> Answered:
    return _answer_fringes(at, request, drive_ghz=request.frequency_ghz)


def _answer_fringes(
    at: MeasuredQubit, request: of_qubits.Ramsey | of_qubits.DetunedRamsey, *, drive_ghz: float | None = None
) -> Answered:
    ends = programs.ramsey(
        at.lab,
        at.qid,
        request.x,
        artificial_mhz=request.detuning_mhz,
        splittings_mhz=at.lab.splittings_mhz(at.qid, at.superposed),
        drive_ghz=drive_ghz,
    )
    return at.sample_trace(request.x, ends)


def _answer_echo(at: MeasuredQubit, request: of_qubits.Echo) -> Answered:
    splittings = at.lab.splittings_mhz(at.qid, at.superposed)
    return at.sample_trace(request.x, programs.t2_echo(at.lab, at.qid, request.x, splittings_mhz=splittings))


def _answer_pulse_train(at: MeasuredQubit, request: of_qubits.PulseTrain) -> Answered:
    ends = programs.pulse_train(at.lab, at.qid, request.x, pulse=request.pulse, start=request.start)
    return at.sample_trace(request.x, ends)


def _answer_drag_scan(at: MeasuredQubit, request: of_qubits.DragScan) -> Answered:
    ends = programs.drag(at.lab, at.qid, request.x, pulse=request.pulse, repetitions=request.pairs)
    return at.sample_trace(request.x, ends)


ON_QUBITS: Mapping[type[Request], Callable[[MeasuredQubit, Any], Answered]] = MappingProxyType(
    {
        of_qubits.ReadoutScan: _answer_readout_scan,
        of_qubits.QubitScan: _answer_qubit_scan,
        of_qubits.ReadoutWaveform: _answer_readout_waveform,
        of_qubits.SingleShots: _answer_single_shots,
        of_qubits.Rabi: _answer_rabi,
        of_qubits.RabiAmplitude: _answer_rabi_amplitude,
        of_qubits.Chevron: _answer_chevron,
        of_qubits.Relaxation: _answer_relaxation,
        of_qubits.Ramsey: _answer_ramsey,
        of_qubits.DetunedRamsey: _answer_detuned_ramsey,
        of_qubits.Echo: _answer_echo,
        of_qubits.PulseTrain: _answer_pulse_train,
        of_qubits.DragScan: _answer_drag_scan,
    }
)
"""Answers to all requests on one qubit, except random sequences, which many qubits play together."""
