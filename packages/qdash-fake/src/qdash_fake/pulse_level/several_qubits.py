"""Populations of two or three coupled qubits at the end of a pulse program.

The Lindblad equation of all levels is solved by unitaries of tones that alternate with decay (`driven_evolution`,
`segments`) and exactly in waits (`idle_evolution`). Quasi-static detunings are averaged (`slow_noise`). Leaked population is
read as 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.pulse_level.circuit import Circuit
from qdash_fake.pulse_level.driven_evolution import unitaries
from qdash_fake.pulse_level.idle_evolution import IdleEvolution
from qdash_fake.pulse_level.repeated_slices import evolve_repeated
from qdash_fake.pulse_level.segments import compute_decays, make_amplitude_spread
from qdash_fake.pulse_level.slices import iter_slices
from qdash_fake.pulse_level.slow_noise import PhaseComponents, is_significant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.pulse_level.slices import PlayedTones, Slice
    from qdash_tasks.laboratory.program import Play

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


def solve_together(
    chip: ChipTruth, qids: tuple[str, ...], plays: Sequence[Play], until_ns: Mapping[str, float]
) -> Floats:
    """Return the populations of the basis states before readout (columns) by the initial state (rows), shape (2^n, 2^n).

    There are two or three qubits, the first one most significant; the latest start of a readout counts.
    """
    circuit = Circuit.from_chip(chip, qids, {play.line for play in plays if play.toward is not None})
    places = list_computational_states(circuit)
    starts = make_matrix_units(circuit, places, places)
    states = evolve(circuit, qids, plays, max(until_ns[qid] for qid in qids), starts=starts)
    return _read(circuit, states)


def evolve(
    circuit: Circuit, qids: tuple[str, ...], plays: Sequence[Play], until_ns: float, *, starts: Complexes
) -> Complexes:
    """Return density matrices (..., d, d) after a program until `until_ns`, in the frame of `frame_mhz`."""
    places = {qid: index for index, qid in enumerate(qids)}
    every = list(iter_slices(circuit, places, plays, until_ns))
    waiting = _make_idle_evolution(circuit, get_frame_mhz(circuit))
    waits = [one for one in every if _is_slow_noise_needed(circuit, one)]
    shots = PhaseComponents(circuit, starts[None])
    for one in every:
        if one.played.tones:
            shots.states = _evolve_driven(circuit, waiting.frame_mhz, one, shots.states)
            continue
        time_us = one.played.length_ns * 1e-3
        shots.states = waiting.evolve(shots.states, time_us)
        if _is_slow_noise_needed(circuit, one):
            shots.wait(time_us, last=one is waits[-1])
    return np.asarray(shots.states[0])


def get_frame_mhz(circuit: Circuit) -> float:
    """Return the frequency of the frame of `evolve`."""
    return sum(circuit.frequencies_mhz) / len(circuit.frequencies_mhz)


@lru_cache(maxsize=32)
def _make_idle_evolution(circuit: Circuit, frame: float) -> IdleEvolution:
    return IdleEvolution(circuit, frame)


def _is_slow_noise_needed(circuit: Circuit, one: Slice) -> bool:
    return not one.played.tones and is_significant(circuit.coherences, one.played.length_ns * 1e-3)


def list_computational_states(circuit: Circuit) -> NDArray[np.intp]:
    """Return the indices of the computational basis states, shape (2^n,)."""
    return np.flatnonzero((circuit.dressed.numbers < 2).all(axis=0))


def make_matrix_units(circuit: Circuit, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Complexes:
    """Return ``|row><column|`` for k rows and columns, shape (k, d, d)."""
    size = circuit.dressed.energies_mhz.size
    found = np.zeros((rows.size, size, size), dtype=np.complex128)
    found[np.arange(rows.size), rows, columns] = 1.0
    return found


def _evolve_driven(circuit: Circuit, frame: float, one: Slice, states: Complexes) -> Complexes:
    """Return density matrices (..., d, d) after the tones of a slice."""
    played, start_us = one.played, one.start_ns * 1e-3
    frequencies = [tone.frequency_mhz for tone in played.tones]
    phases = [
        phase - 2 * np.pi * (frequency * start_us % 1.0)
        for phase, frequency in zip(one.phases_rad, frequencies, strict=True)
    ]
    numbers = circuit.dressed.numbers.sum(axis=0)

    def turned(states: Complexes, time_us: float, sign: int) -> Complexes:
        angle = 2 * np.pi * (frequencies[0] - frame) * time_us - one.phases_rad[0]
        turns = np.exp(sign * 1j * angle * numbers)
        return np.asarray(states * (turns[:, None] * turns.conj()))

    def through(states: Complexes) -> Complexes:
        return _evolve_segments(circuit, played, phases, states)

    begun = turned(states, start_us, 1)
    alone = len(frequencies) == 1
    done = evolve_repeated(circuit, played, begun, through) if alone else through(begun)
    return turned(done, one.end_ns * 1e-3, -1)


def _evolve_segments(
    circuit: Circuit, played: PlayedTones, phases_rad: Sequence[float], states: Complexes
) -> Complexes:
    """Return density matrices (..., d, d) after the segments of a slice, in the frame of its first tone."""
    steps, lost = unitaries(circuit, played, phases_rad), compute_decays(circuit, played)
    # One state for each variant of the amplitudes; they are averaged after the slice.
    variants = _apply_map(lost.before, states)[None]
    for step, behind in zip(steps, lost.behind, strict=True):
        variants = _apply_map(behind, _conjugate(step, variants))
    return np.asarray(np.tensordot(make_amplitude_spread(circuit, played).weights, variants, axes=1))


def _conjugate(unitaries: Complexes, states: Complexes) -> Complexes:
    """Return density matrices (variants or 1, ..., d, d) transformed by unitaries (variants, d, d)."""
    wide = unitaries.reshape(len(unitaries), *(1,) * (states.ndim - 3), *unitaries.shape[1:])
    return np.asarray(wide @ states @ wide.conj().swapaxes(-1, -2))


def _apply_map(map_: sparse.csr_array, states: Complexes) -> Complexes:
    size = states.shape[-1]
    vectors = states.reshape(-1, size**2).T
    return np.asarray((map_ @ vectors).T.reshape(states.shape))


def _read(circuit: Circuit, states: Complexes) -> Floats:
    sizes = circuit.sizes
    there = np.einsum("...ii->...i", states).real.reshape(-1, *sizes)
    for axis in range(1, len(sizes) + 1):
        ground = np.take(there, [0], axis=axis)
        rest = np.delete(there, 0, axis=axis).sum(axis=axis, keepdims=True)
        there = np.concatenate([ground, rest], axis=axis)
    return np.asarray(there.reshape(len(states), -1))
