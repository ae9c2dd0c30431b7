"""Sampling of IQ points from transition probabilities: steady state of many shots, readouts, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.sampling import sample_averages, sample_joint_averages, sample_single_shots
from qdash_tasks.laboratory.program import IQ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_fake.instruments import Instruments
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.pulse_level.program_solver import TransitionProbabilities
    from qdash_tasks.laboratory.program import Readout
    from qdash_tasks.laboratory.shots import Repetition, Shots
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


class _SimultaneousReadout(NamedTuple):
    """Simultaneous readout of qubits: program, index of the readout, and probabilities (2^n,)."""

    program: int
    number: int
    chances: Floats
    shift: float
    readouts: tuple[Readout, ...]


def sample_means(
    lab: Instruments, ends: Sequence[Sequence[TransitionProbabilities]], shots: Shots, *, noise_known: bool
) -> list[dict[str, IQ]]:
    """Return the means of all shots by program and qubit, with covariances if the noise is known."""
    places: dict[tuple[tuple[str, ...], tuple[float, ...]], list[_SimultaneousReadout]] = {}
    for program, found in enumerate(ends):
        for one in found:
            for point in _sample_points(lab, program, one, shots.repetition):
                qids = tuple(readout.qid for readout in point.readouts)
                amplitudes = tuple(readout.amplitude for readout in point.readouts)
                places.setdefault((qids, amplitudes), []).append(point)
    traces: list[dict[str, dict[int, tuple[Trace, int]]]] = [{} for _ in ends]
    for (qids, amplitudes), points in places.items():
        for qid, trace in zip(qids, _sample_traces(lab, qids, amplitudes, points, shots), strict=True):
            for row, point in enumerate(points):
                traces[point.program].setdefault(qid, {})[point.number] = trace, row
    return [
        {
            qid: _make_iq([rows[index] for index in sorted(rows)], noise_known=noise_known)
            for qid, rows in of_program.items()
        }
        for of_program in traces
    ]


def sample_shots(
    lab: Instruments, ends: Sequence[Sequence[TransitionProbabilities]], shots: Shots
) -> list[dict[str, IQ]]:
    """Return every shot by program and qubit; a row is the same shot for all qubits of a program."""
    rngs: dict[tuple[str, ...], np.random.Generator] = {}
    answers: list[dict[str, IQ]] = []
    for found in ends:
        of_program: dict[str, IQ] = {}
        for one in found:
            if one.qids not in rngs:
                rngs[one.qids] = lab.rng("-".join(one.qids))
            of_program.update(_sample_program_shots(lab, one, shots, rngs[one.qids]))
        answers.append(of_program)
    return answers


def _sample_points(
    lab: Instruments, program: int, ends: TransitionProbabilities, repetition: Repetition
) -> list[_SimultaneousReadout]:
    chances = _compute_start([lab.qubit(qid) for qid in ends.qids], ends, repetition)
    found = []
    for index, transition in enumerate(ends.transitions):
        chances = chances @ transition
        readouts = tuple(mine[index] for mine in ends.readouts.values())
        found.append(
            _SimultaneousReadout(
                program, index, _select_read(chances, ends), float(ends.shift[index]), readouts
            )
        )
    return found


def _select_read(chances: Floats, ends: TransitionProbabilities) -> Floats:
    """Return the probabilities (2^m,) of the qubits that are read, summed over the others."""
    others = tuple(place for place, qid in enumerate(ends.qids) if qid not in ends.readouts)
    return np.asarray(chances.reshape((2,) * len(ends.qids)).sum(axis=others).ravel())


def _compute_start(
    qubits: Sequence[QubitTruth], ends: TransitionProbabilities, repetition: Repetition
) -> Floats:
    """Return the probabilities (2^n,) of the initial states in the steady state of one program.

    As in `physics.steady_state` and `physics.pair_sequences.relax_before_readout`, for any number of qubits.
    """
    if repetition.reset == "active":
        return _make_joint([np.array([1 - q.active_reset.residual, q.active_reset.residual]) for q in qubits])
    after_wait = _make_joint([_relax(qubit, repetition.interval_us) for qubit in qubits])
    once = np.linalg.multi_dot([*ends.transitions, after_wait])
    size = once.shape[0]
    equations = once.T - np.eye(size)
    equations[0] = 1.0
    return np.linalg.solve(equations, np.eye(size)[0])


def _make_joint(single: Sequence[Floats]) -> Floats:
    """Return the Kronecker product of arrays of independent qubits."""
    found: Floats = single[0]
    for one in single[1:]:
        found = np.asarray(np.kron(found, one), dtype=np.float64)
    return found


def _relax(qubit: QubitTruth, wait_us: float) -> Floats:
    """Return the probabilities of |0> and |1> after a wait (columns) by initial state (rows), shape (2, 2)."""
    lost = -np.expm1(-wait_us / qubit.coherence.t1_us)
    up, down = qubit.thermal_population * lost, (1 - qubit.thermal_population) * lost
    return np.array([[1 - up, up], [down, 1 - down]])


def _sample_traces(
    lab: Instruments,
    qids: tuple[str, ...],
    amplitudes: tuple[float, ...],
    points: Sequence[_SimultaneousReadout],
    shots: Shots,
) -> Sequence[Trace]:
    """Return sampled means of many points of the same qubits, one trace per qubit."""
    where = tuple(
        lab.clouds(
            qid,
            frequency_ghz=np.array([point.readouts[place].frequency_ghz for point in points]),
            amplitude=amplitude,
        )
        for place, (qid, amplitude) in enumerate(zip(qids, amplitudes, strict=True))
    )
    x, chances = np.arange(float(len(points))), np.stack([point.chances for point in points])
    rng = lab.rng("-".join(qids))
    if len(qids) == 1:
        shift = np.array([point.shift for point in points])
        return [sample_averages(x, chances[:, 1], where[0], shots=shots.count, rng=rng, shift=shift)]
    return sample_joint_averages(x, chances, where, shots=shots.count, rng=rng)


def _make_iq(rows: Sequence[tuple[Trace, int]], *, noise_known: bool) -> IQ:
    mean = np.array([trace.iq[row] for trace, row in rows])
    if not noise_known:
        return IQ(mean)
    covariance = np.array(
        [
            [
                [trace.sigma[row].real ** 2, trace.covariance[row]],
                [trace.covariance[row], trace.sigma[row].imag ** 2],
            ]
            for trace, row in rows
        ]
    )
    return IQ(mean, covariance=covariance)


def _sample_program_shots(
    lab: Instruments, ends: TransitionProbabilities, shots: Shots, rng: np.random.Generator
) -> dict[str, IQ]:
    """Return sampled points of every shot, with one state per readout."""
    started = _compute_start([lab.qubit(qid) for qid in ends.qids], ends, shots.repetition)
    state = rng.choice(started.size, size=shots.count, p=started / started.sum())
    found: dict[str, list[Complexes]] = {qid: [] for qid in ends.readouts}
    for index, transition in enumerate(ends.transitions):
        below = np.cumsum(transition / transition.sum(axis=-1, keepdims=True), axis=-1)
        state = (rng.random(shots.count)[:, None] > below[state, :-1]).sum(axis=-1)
        for qid, readouts in ends.readouts.items():
            excited = (state >> (len(ends.qids) - 1 - ends.qids.index(qid))) & 1
            readout = readouts[index]
            where = lab.clouds(qid, frequency_ghz=readout.frequency_ghz, amplitude=readout.amplitude)
            landed = sample_single_shots(excited.astype(np.float64), where, shots=shots.count, rng=rng)
            found[qid].append(landed + where.difference * ends.shift[index])
    each = {qid: np.stack(columns, axis=-1) for qid, columns in found.items()}
    return {qid: IQ(points.mean(axis=0), each=points) for qid, points in each.items()}
