"""Random sequences: decomposition of Cliffords, losses, and expected fidelities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.cliffords.one_qubit import AFTER, BEFORE, COUNT, PULSES, Sequences, ends_in_one, rotations
from qdash_fake.physics.benchmarking import (
    PlayedSequences,
    compute_clifford_decay,
    compute_excited_at_end,
    gate_fidelity,
)
from qdash_fake.physics.coherence import gate_error_limit
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.levels import Levels, basis_state, depolarising, superoperator
from qdash_fake.truth import compute_ideal_settings, compute_true_parameters
from qdash_tasks.laboratory.requests import RandomSequences
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .conftest import make_table
from .twin_requests import asked, calibrated

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

NUMBER = np.subtract.outer(np.arange(3), np.arange(3)).ravel()


def x_turn(quarter_turns: float, *, leak: float = 0.0) -> np.ndarray:
    """Return the superoperator of a rotation about x on |0> and |1>, after which |1> mixes with |2> by the
    angle `leak`.
    """
    half = quarter_turns * np.pi / 4
    turn, mixing = np.eye(3, dtype=complex), np.eye(3, dtype=complex)
    turn[:2, :2] = [[np.cos(half), -1j * np.sin(half)], [-1j * np.sin(half), np.cos(half)]]
    mixing[1:, 1:] = [[np.cos(leak), -np.sin(leak)], [np.sin(leak), np.cos(leak)]]
    return superoperator(mixing @ turn)


def step_by_step(sequences: Sequences, x90: np.ndarray, x180: np.ndarray | None, level: int) -> np.ndarray:
    """Return the excited population after each sequence, played pulse by pulse from |level>."""
    found, place = [], 0
    for count in sequences.counts:
        state = basis_state(level)
        for pulse in range(place, place + count):
            state = 1j ** (sequences.turns[pulse] * NUMBER) * state
            state = (x180 if sequences.is_x180[pulse] else x90) @ state
        found.append(1 - state[0].real)
        place += count
    return np.array(found)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240607)


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_cliffords_are_the_24_turns_of_a_cube() -> None:
    turns = rotations()
    assert np.allclose(np.linalg.det(turns), 1)
    assert len({tuple(turn.astype(int).ravel()) for turn in turns}) == COUNT
    assert (np.count_nonzero(turns, axis=(1, 2)) == 3).all()


def test_a_clifford_has_one_pulse_on_average() -> None:
    assert np.bincount(PULSES).tolist() == [4, 16, 4]
    assert BEFORE.max() == AFTER.max() == 3


# --- sequences -------------------------------------------------------------------------------------------------------


@each_case("interleaved", [None, "X90", "X180"])
def test_perfect_pulses_end_where_they_should(rng: np.random.Generator, interleaved: str | None) -> None:
    lengths = np.repeat([0, 1, 2, 30], 10)
    sequences = Sequences.random(lengths, interleaved=interleaved, rng=rng)  # type: ignore[arg-type]
    ((ground, excited),) = compute_excited_at_end([PlayedSequences(sequences, x_turn(1), x_turn(2))])
    assert np.allclose(ground, ends_in_one(40), atol=1e-5)
    assert np.allclose(excited, ~ends_in_one(40), atol=1e-5)


def test_half_of_the_sequences_of_each_length_end_in_one() -> None:
    assert ends_in_one(6).tolist() == [False, True] * 3


def test_no_sequence_is_the_beginning_of_another(rng: np.random.Generator) -> None:
    sequences = Sequences.random(np.array([40, 40, 60]), interleaved=None, rng=rng)
    parts = np.split(sequences.turns, np.cumsum(sequences.counts)[:-1])
    # The first twenty pulses of two random sequences agree with a chance of 4^-19.
    assert len({tuple(part[1:21]) for part in parts}) == 3


def test_the_closing_clifford_has_no_gate_after_it(rng: np.random.Generator) -> None:
    lengths = np.repeat([0, 5], 8)
    sequences = Sequences.random(lengths, interleaved="X180", rng=rng)
    ends = np.cumsum(sequences.counts)
    gates = [
        int(sequences.is_x180[end - n : end].sum()) for end, n in zip(ends, sequences.counts, strict=True)
    ]
    assert gates == lengths.tolist()


def test_a_sequence_takes_the_time_of_its_pulses(rng: np.random.Generator) -> None:
    sequences = Sequences.random(np.array([0, 7, 300]), interleaved="X180", rng=rng)
    x180 = np.array([0, 7, 300])
    assert sequences.duration_us(40.0, 60.0) == pytest.approx((sequences.counts - x180) * 0.04 + x180 * 0.06)


# --- many qubits at a time -------------------------------------------------------------------------------------------


@each_case("interleaved", [None, "X90", "X180"])
def test_the_grouped_calculation_agrees_with_one_pulse_after_another(
    rng: np.random.Generator, interleaved: str | None
) -> None:
    levels = Levels(-330.0, 30.0, 40.0, 0.02)
    plays = []
    for lengths in ([3, 0, 90, 41, 1], [2, 2], [200, 5, 64]):
        sequences = Sequences.random(np.array(lengths), interleaved=interleaved, rng=rng)  # type: ignore[arg-type]
        decay, over = levels.decay(0.05), 1 + rng.normal(0, 0.03)
        plays.append(
            PlayedSequences(sequences, decay @ x_turn(over, leak=0.05), decay @ x_turn(2 * over, leak=0.1))
        )
    for play, ends in zip(plays, compute_excited_at_end(plays), strict=True):
        for level in (0, 1):
            assert ends[level] == pytest.approx(step_by_step(*play, level), abs=2e-5)


def test_single_precision_lasts_for_the_longest_sequences(rng: np.random.Generator) -> None:
    sequences = Sequences.random(np.array([5000, 5000]), interleaved=None, rng=rng)
    play = PlayedSequences(sequences, Levels(-330.0, 3000.0, 3000.0, 0.0).decay(0.04) @ x_turn(1.001))
    ((ground, _),) = compute_excited_at_end([play])
    assert ground == pytest.approx(step_by_step(*play, 0), abs=2e-4)


# --- truth -----------------------------------------------------------------------------------------------------------


def test_depolarising_pulses_decay_by_what_they_lose() -> None:
    x90 = depolarising(0.99) @ x_turn(1)
    # 0, 1 and 2 pulses in 4, 16 and 4 of 24 Cliffords.
    assert compute_clifford_decay(x90) == pytest.approx((4 + 16 * 0.99 + 4 * 0.99**2) / 24, rel=1e-9)
    assert gate_fidelity(x90, quarter_turns=1) == pytest.approx(1 - 0.01 / 2)


@pytest.mark.parametrize("turned", [0.98, 1.03])
def test_a_wrong_angle_costs_what_the_formula_says(turned: float) -> None:
    wrong = (turned - 1) * np.pi / 2
    assert gate_fidelity(x_turn(turned), quarter_turns=1) == pytest.approx((2 + np.cos(wrong)) / 3)


def test_a_leak_is_a_loss() -> None:
    leaking = x_turn(1, leak=0.1)
    # Half of the states are in |1>; with the process fidelity F = |1 + cos a|^2 / 4 and L = sin(a)^2 / 2.
    process, leak = (1 + np.cos(0.1)) ** 2 / 4, np.sin(0.1) ** 2 / 2
    assert gate_fidelity(leaking, quarter_turns=1) == pytest.approx((2 * process + 1 - leak) / 3)


@each_case(
    "x90",
    [
        Levels(-330.0, 20.0, 15.0, 0.02).decay(0.05) @ x_turn(1),
        x_turn(1.05),
        x_turn(0.98, leak=0.05),
        depolarising(0.98) @ x_turn(1.03),
    ],
    ids=["relaxation", "wrong angle", "leak", "both"],
)
def test_sequences_decay_as_the_eigenvalue_says(rng: np.random.Generator, x90: np.ndarray) -> None:
    short, long, each = 4, 60, 3000
    lengths = np.repeat([short, long], each)
    ((ground, _),) = compute_excited_at_end(
        [PlayedSequences(Sequences.random(lengths, interleaved=None, rng=rng), x90)]
    )
    survival = np.where(ends_in_one(2 * each), 1, -1) * (2 * ground - 1)
    means = survival.reshape(2, each).mean(axis=1)
    errors = survival.reshape(2, each).std(axis=1) / np.sqrt(each) / means
    logarithm = np.log(means[1] / means[0]) / (long - short)
    assert abs(logarithm - np.log(compute_clifford_decay(x90))) < 4 * np.hypot(*errors) / (long - short)


def test_the_truth_of_pulses_without_other_errors_is_the_coherence_limit() -> None:
    (qubit,) = draw_chip(make_table({"sx_error": 0.0, "anharmonicity_ghz": -0.33}), 5).qubits.values()
    settings = compute_ideal_settings(qubit)
    truth = compute_true_parameters(draw_chip(make_table({"sx_error": 0.0}), 5), {"0": settings})["qubits"][
        "0"
    ]
    limit = 1 - gate_error_limit(t1_us=100.0, t2_us=80.0, length_us=settings.x90.length_ns * 1e-3)
    assert truth["one_qubit_gate_coherence_limit"] == (pytest.approx(limit), "")
    assert truth["x90_gate_fidelity"][0] <= limit + 1e-6
    assert truth["average_gate_fidelity"][0] <= limit + 1e-6


# --- the laboratory --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair() -> ChipTruth:
    return draw_chip(make_table({}, {"t1_us": 20.0, "t2_us": 20.0}), 3)


def test_a_trace_has_one_point_for_each_sequence(pair: ChipTruth) -> None:
    lengths = np.repeat([1.0, 10.0, 100.0], 4)
    requests = {"0": RandomSequences(lengths), "1": RandomSequences(lengths[:8])}
    found = asked(calibrated(pair), requests, Shots(count=100))
    assert found["0"].x.tolist() == lengths.tolist()
    assert [found[qid].iq.shape for qid in "01"] == [(12,), (8,)]


def test_a_qubit_is_measured_alike_whoever_is_measured_with_it(pair: ChipTruth) -> None:
    lengths, shots = np.repeat([1.0, 10.0, 100.0], 4), Shots(count=100)
    requests = {"0": RandomSequences(10 * lengths), "1": RandomSequences(lengths)}
    alone = asked(calibrated(pair), {"1": requests["1"]}, shots)["1"]
    together = asked(calibrated(pair), requests, shots)["1"]
    assert np.array_equal(alone.iq, together.iq)


def test_longer_sequences_take_longer(pair: ChipTruth) -> None:
    times = []
    for factor in (1, 100):
        laboratory = calibrated(pair)
        request = RandomSequences(factor * np.repeat([1.0, 10.0], 10))
        asked(laboratory, {"0": request}, Shots(count=1000, reset="active"))
        times.append(laboratory.lab_seconds)
    # 10 x 990 + 10 x 99 additional pulses of 36 ns, a thousand times; the number of pulses is random.
    assert times[1] - times[0] == pytest.approx(1000 * 10890 * 36e-9, rel=0.05)


def test_nobody_is_measured_when_nobody_is_asked_for(pair: ChipTruth) -> None:
    assert asked(calibrated(pair), {}, Shots(count=10)) == {}
