"""Readouts of one qubit without a program: resonator, long drive, prepared states.

Each gives what was read, and the time of each point between two readouts in us, shape (n,).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.spectroscopy import SPECTROSCOPY_PULSE_US, compute_population
from qdash_fake.sampling import sample_averages, sample_single_shots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_fake.instruments import Instruments
    from qdash_tasks.laboratory.shots import Repetition, Shots
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

_RESONATOR_RING_DOWN_US = 5.0


def measure_undriven(
    lab: Instruments, qid: str, frequencies_ghz: Floats, *, amplitude: float | None, shots: Shots
) -> tuple[Trace, Floats]:
    """Return the transmission at each frequency, undriven, by default at the readout amplitude in use."""
    trace, _ = measure_prepared(lab, qid, frequencies_ghz, state=0, amplitude=amplitude, shots=shots)
    return trace, np.full_like(frequencies_ghz, _RESONATOR_RING_DOWN_US)


def measure_saturated(
    lab: Instruments,
    qid: str,
    frequencies_ghz: Floats,
    *,
    amplitude: float,
    shots: Shots,
    together: Mapping[str, tuple[Floats, float]] = MappingProxyType({}),
) -> tuple[Trace, Floats]:
    """Return the readout after a long pulse at each frequency, which erases the start state.

    `together` has frequencies and amplitude of qubits saturated at the same time.
    """
    beside = lab.list_driven_neighbours(qid, frequencies_ghz.size, together)
    trace = sample_averages(
        frequencies_ghz,
        compute_population(lab.qubit(qid), frequencies_ghz, amplitude=amplitude, beside=beside),
        lab.clouds(qid),
        shots=shots.count,
        rng=lab.rng(qid),
        shift=lab.line_shift(qid, frequencies_ghz, amplitude=amplitude, beside=beside),
    )
    length_us = SPECTROSCOPY_PULSE_US + lab.reset_us(qid, shots.repetition)
    return trace, np.full_like(frequencies_ghz, length_us)


def measure_prepared(
    lab: Instruments,
    qid: str,
    frequencies_ghz: Floats,
    *,
    state: int,
    amplitude: float | None,
    shots: Shots,
) -> tuple[Trace, Floats]:
    """Return the transmission at each frequency after preparation of |0> or |1>.

    `amplitude` is None for the readout amplitude in use.
    """
    excited = np.full_like(frequencies_ghz, _compute_excited(lab, qid, state, shots.repetition))
    where = lab.clouds(qid, frequency_ghz=frequencies_ghz, amplitude=amplitude)
    trace = sample_averages(frequencies_ghz, excited, where, shots=shots.count, rng=lab.rng(qid))
    return trace, np.full_like(frequencies_ghz, lab.reset_us(qid, shots.repetition))


def measure_windows(
    lab: Instruments, qid: str, starts_ns: Floats, *, window_ns: float, shots: Shots
) -> tuple[Trace, Floats]:
    """Return the signal in windows of the readout pulse, with the qubit undriven.

    All windows are captured in the same shots.
    """
    excited = np.full_like(starts_ns, _compute_excited(lab, qid, 0, shots.repetition))
    where = lab.clouds_in_windows(qid, starts_ns, window_ns)
    trace = sample_averages(starts_ns, excited, where, shots=shots.count, rng=lab.rng(qid))
    return trace, np.array([lab.reset_us(qid, shots.repetition)])


def measure_prepared_shots(
    lab: Instruments,
    qid: str,
    *,
    state: int,
    amplitude: float | None,
    shots: Shots,
) -> tuple[NDArray[np.complex128], Floats]:
    """Return every shot of the readout in use after preparation of |0> or |1>, shape (shots,).

    `amplitude` is as in `measure_prepared`.
    """
    excited = _compute_excited(lab, qid, state, shots.repetition)
    every = sample_single_shots(
        excited, lab.clouds(qid, amplitude=amplitude), shots=shots.count, rng=lab.rng(qid)
    )
    return every, np.array([lab.reset_us(qid, shots.repetition)])


def _compute_excited(lab: Instruments, qid: str, state: int, repetition: Repetition) -> float:
    """Return the excited population just before readout after preparation of `state`."""
    return float(lab.compute_excited(qid, lab.prepare_state(qid, state), repetition)[0])
