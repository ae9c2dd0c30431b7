"""The two-qubit Cliffords: all elements, their decompositions, and random sequences with the right final
state.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from qdash_analysis.cliffords import PairSequences, ends_in
from qdash_analysis.cliffords.two_qubits import COUNT, LAYERS, cores, ideal_gate, ideal_layers, plain_cores

GROUND = np.kron([1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0])


@cache
def ideal_cores(of: tuple[tuple[int, ...], ...]) -> np.ndarray:
    layers, gate, found = ideal_layers(), ideal_gate(), []
    for core in of:
        done = np.eye(16)
        for layer in core:
            done = gate @ layers[layer] @ done
        found.append(done)
    return np.array(found)


def every_clifford() -> np.ndarray:
    return np.concatenate([ideal_layers() @ core for core in ideal_cores(plain_cores())])


def played(sequences: PairSequences) -> np.ndarray:
    """Return the unitaries of each Clifford of all sequences."""
    return np.asarray(ideal_layers()[sequences.layers] @ ideal_cores(cores())[sequences.cores])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240607)


def test_there_are_11520_different_cliffords() -> None:
    every = np.round(every_clifford()).astype(np.int8)
    assert every.shape == (COUNT, 16, 16)
    assert len({one.tobytes() for one in every}) == COUNT == 11520


def test_every_clifford_takes_pauli_operators_to_pauli_operators() -> None:
    every = every_clifford()
    assert np.allclose(np.abs(every).sum(axis=1), 1)
    assert np.allclose(np.abs(every).max(axis=1), 1)


def test_the_classes_have_576_5184_5184_and_576_cliffords_and_one_and_a_half_gates_on_average() -> None:
    gates = np.repeat([len(core) for core in plain_cores()], LAYERS)
    assert np.bincount(gates).tolist() == [576, 5184, 5184, 576]
    assert gates.mean() == 1.5


def test_half_turns_before_the_gates_come_with_every_core() -> None:
    plain, every = plain_cores(), cores()
    assert len(every) == sum(16 ** len(core) for core in plain) == 6545
    assert set(plain) <= set(every)


def test_the_gate_turns_the_target_by_the_state_of_the_control() -> None:
    up = np.kron([1.0, 0.0, 0.0, -1.0], [1.0, 0.0, 0.0, 1.0])
    ground, excited = (ideal_gate() @ state for state in (GROUND, up))
    # exp(-i pi/4 ZX): +90 degrees about x for control 0 map z to -y.
    assert (round(ground[2]), round(excited[2])) == (-1, 1)


def test_each_basis_state_ends_a_quarter_of_the_sequences() -> None:
    control, target = ends_in(40).T
    assert control.sum() == target.sum() == (control ^ target).sum() == 20


@pytest.mark.parametrize("interleaved", [False, True])
def test_sequences_end_in_the_state_that_is_promised(rng: np.random.Generator, interleaved: bool) -> None:
    lengths = np.repeat([0, 1, 2, 17], 8)
    sequences = PairSequences.random(lengths, interleaved=interleaved, rng=rng)
    assert sequences.counts.tolist() == (lengths + 1).tolist()
    found = []
    for part in np.split(played(sequences), np.cumsum(sequences.counts)[:-1]):
        state = GROUND
        for clifford in part[:-1]:
            state = clifford @ state
            state = ideal_gate() @ state if interleaved else state
        state = part[-1] @ state
        found.append((state[[12, 3]] < 0).tolist())
        assert np.abs(state[[12, 3]]) == pytest.approx(1)
    assert found == ends_in(32).tolist()


@pytest.mark.parametrize("interleaved", [False, True])
def test_cliffords_are_drawn_evenly(rng: np.random.Generator, interleaved: bool) -> None:
    sequences = PairSequences.random(np.full(60, 1000), interleaved=interleaved, rng=rng)
    # A matrix element between two random vectors tells the Cliffords apart.
    left, right = np.random.default_rng(1).normal(size=(2, 16))
    after, before = (left @ ideal_layers())[sequences.layers], (ideal_cores(cores()) @ right)[sequences.cores]
    counts = np.unique(np.round(np.sum(after * before, axis=-1), 6), return_counts=True)[1]
    mean = sequences.layers.size / COUNT
    # Pearson's statistic has the mean COUNT - 1 and the variance 2 (COUNT - 1).
    assert abs(((counts - mean) ** 2 / mean).sum() - COUNT + 1) < 5 * np.sqrt(2 * COUNT)
    assert counts.size > 0.99 * COUNT


def test_no_sequence_is_the_beginning_of_another(rng: np.random.Generator) -> None:
    sequences = PairSequences.random(np.array([9, 9, 20]), interleaved=False, rng=rng)
    parts = np.split(sequences.layers, np.cumsum(sequences.counts)[:-1])
    # The first five Cliffords of two random sequences agree with a chance of 1e-14.
    assert len({tuple(part[:5].tolist()) for part in parts}) == 3
