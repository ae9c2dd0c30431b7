"""Clifford gates as numbers: groups, decompositions into pulses, and random sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.cliffords import PairSequences, Sequences, ends_in, ends_in_one, one_qubit, two_qubits

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
ZX90 = (np.eye(4) - 1j * np.kron(Z, X)) / np.sqrt(2)
ANGLES = {"X90": np.pi / 2, "X180": np.pi}


def turn(angle: float, axis: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * axis)


def pulse(name: str, phase: float) -> NDArray[np.complex128]:
    return turn(ANGLES[name], np.cos(phase) * X + np.sin(phase) * Y)


def as_played(clifford: int) -> NDArray[np.complex128]:
    """Return the unitary of a one-qubit Clifford as the tables decompose it."""
    quarters = [int(table[clifford]) for table in (one_qubit.BEFORE, one_qubit.PULSES, one_qubit.AFTER)]
    before, pulses, after = (turn(np.pi / 2 * n, axis) for n, axis in zip(quarters, (Z, X, Z), strict=True))
    return np.asarray(after @ pulses @ before)


def rotation(unitary: NDArray[np.complex128]) -> NDArray[np.float64]:
    paulis = (X, Y, Z)
    return np.array([[np.trace(p @ unitary @ q @ unitary.conj().T).real / 2 for q in paulis] for p in paulis])


# --- groups ----------------------------------------------------------------------------------------------------------


def test_the_tables_play_the_turns_that_the_numbers_stand_for() -> None:
    assert np.allclose([rotation(as_played(number)) for number in range(24)], one_qubit.rotations())


def test_two_one_qubit_cliffords_make_the_one_that_their_turns_make() -> None:
    later, earlier = np.divmod(np.arange(24**2), 24)
    turns = one_qubit.rotations()
    assert np.allclose(turns[one_qubit.after(later, earlier)], turns[later] @ turns[earlier])


def test_two_two_qubit_cliffords_make_the_one_that_their_matrices_make(rng: np.random.Generator) -> None:
    later, earlier = rng.integers(11520, size=(2, 200))
    made = two_qubits.transfer_matrices(two_qubits.after(later, earlier))
    assert (made == two_qubits.transfer_matrices(later) @ two_qubits.transfer_matrices(earlier)).all()


@pytest.mark.parametrize("group", [one_qubit, two_qubits], ids=["one qubit", "two qubits"])
def test_an_inverse_undoes_every_clifford_on_either_side(group: object) -> None:
    every = np.arange(group.COUNT)  # type: ignore[attr-defined]
    after: Callable[..., NDArray[np.int64]] = group.after  # type: ignore[attr-defined]
    back = group.inverse(every)  # type: ignore[attr-defined]
    assert (after(back, every) == 0).all()
    assert (after(every, back) == 0).all()


def test_a_pair_of_one_qubit_cliffords_is_a_two_qubit_clifford_of_the_same_number() -> None:
    for number in (0, 7, 24, 575):
        control, target = divmod(number, 24)
        found = two_qubits.transfer_matrices(number)
        assert np.allclose(found[4::4, 4::4], one_qubit.rotations()[control])
        assert np.allclose(found[1:4, 1:4], one_qubit.rotations()[target])


@each_case("wrong", [-1, 11520, 0.5, "X"])
def test_what_is_no_clifford_is_refused(wrong: object) -> None:
    for group in (one_qubit, two_qubits):
        with pytest.raises(ValueError, match="whole numbers from 0 to"):
            group.inverse(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="earlier must be"):
            group.after(0, wrong)  # type: ignore[arg-type]


# --- sequences -------------------------------------------------------------------------------------------------------


@each_case("interleaved", [None, "X90", "X180"])
def test_the_pulses_of_a_sequence_take_0_to_where_it_should_end(
    rng: np.random.Generator, interleaved: one_qubit.Interleaved | None
) -> None:
    lengths = np.repeat([0, 1, 5, 40], 6)
    found = []
    for program in Sequences.random(lengths, interleaved=interleaved, rng=rng).programs():
        state = np.array([1, 0], dtype=complex)
        for name, phase in program:
            state = pulse(name, phase) @ state
        found.append(abs(state[1]) ** 2)
    assert found == pytest.approx(ends_in_one(lengths.size).astype(float))


@pytest.mark.parametrize("interleaved", [False, True])
def test_the_layers_and_gates_of_a_pair_take_00_to_where_it_should_end(
    rng: np.random.Generator, interleaved: bool
) -> None:
    lengths = np.repeat([0, 1, 6], 4)
    found = []
    for program in PairSequences.random(lengths, interleaved=interleaved, rng=rng).programs():
        state = np.eye(4, dtype=complex)[0]
        for step in program:
            state = (ZX90 if step is None else np.kron(*map(as_played, step))) @ state
        found.append(np.abs(state) ** 2)
    meant = np.eye(4)[ends_in(lengths.size) @ [2, 1]]
    assert np.array(found) == pytest.approx(meant)


def test_the_same_seed_gives_the_same_sequences() -> None:
    for kind in (Sequences, PairSequences):
        first, second, other = (
            list(kind.random([3, 9], rng=np.random.default_rng(seed)).programs()) for seed in (1, 1, 2)
        )
        assert first == second != other


def test_a_clifford_has_one_x90_and_a_two_qubit_clifford_one_and_a_half_gates(
    rng: np.random.Generator,
) -> None:
    # The number of X90 has the variance (4 + 4) / 24 per Clifford; of gates (576 * 2.25 + 5184 * 0.25) * 2 / 11520 = 0.45.
    alone = Sequences.random(np.full(100, 400), rng=rng).counts.sum() / 40_000
    assert abs(alone - 1) < 4 * np.sqrt(1 / 3 / 40_000) + 0.003  # including the final one of each
    pairs = PairSequences.random(np.full(20, 400), rng=rng)
    gates = [program.count(None) for program in pairs.programs()]
    assert abs(sum(gates) / pairs.counts.sum() - 1.5) < 4 * np.sqrt(0.45 / 8_000)


def test_one_qubit_cliffords_are_drawn_evenly(rng: np.random.Generator) -> None:
    # The X180 ends the first Clifford: 0, 1 or 2 pulses precede it in 4, 16 and 4 of 24, and a rotation about z follows.
    drawn = Sequences.random(np.ones(4_800, dtype=int), interleaved="X180", rng=rng)
    begins = np.cumsum(drawn.counts) - drawn.counts
    pulses = np.flatnonzero(drawn.is_x180) - begins
    turns = drawn.turns[begins + 1][pulses == 1]
    for counts, shares in ((np.bincount(pulses), [1 / 6, 4 / 6, 1 / 6]), (np.bincount(turns), [1 / 4] * 4)):
        expected = counts.sum() * np.array(shares)
        chi2, freedom = ((counts - expected) ** 2 / expected).sum(), len(shares) - 1
        assert chi2 < freedom + 5 * np.sqrt(2 * freedom)


@each_case("lengths", [[], [1.5], [-1], [[1, 2]], ["a"], 3, [np.nan]])
def test_lengths_that_are_none_are_refused(lengths: object) -> None:
    for kind in (Sequences, PairSequences):
        with pytest.raises(ValueError, match="lengths must be"):
            kind.random(lengths, rng=np.random.default_rng(0))  # type: ignore[arg-type]


def test_another_interleaved_pulse_is_refused() -> None:
    with pytest.raises(ValueError, match="must be None, 'X90' or 'X180', got 'Y90'"):
        Sequences.random([1], interleaved="Y90", rng=np.random.default_rng(0))  # type: ignore[arg-type]
