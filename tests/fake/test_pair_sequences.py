"""Pulses and sequences on two coupled qubits: layers, Bell states, readout axes, steady states, random sequences."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.linalg import expm

from qdash_analysis.cliffords import PairSequences, ends_in
from qdash_analysis.cliffords.two_qubits import cores, ideal_gate
from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.levels import Levels
from qdash_fake.physics.pair import make_pair
from qdash_fake.physics.pair_benchmarking import compute_benchmarking_populations
from qdash_fake.physics.pair_evolution import gate_channel, idle_channel
from qdash_fake.physics.pair_pulses import (
    NO_PULSE,
    PairPulses,
    PlayedPulse,
    QubitPulses,
    Step,
    z_rotation,
    zz_interaction,
)
from qdash_fake.physics.pair_sequences import (
    STARTS,
    basis_change,
    bell_sequence,
    final_populations,
    gate_train_populations,
    relax_before_readout,
)
from qdash_fake.physics.superoperators import pauli_transfer
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
from qdash_tasks.laboratory.shots import Repetition

from ..case_tables import each_case

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

SLOW = Levels(-330.0, 1e9, 1e9, 0.0)
XX, YY, ZZ = 5, 10, 15


def x_turn(angle_rad: float) -> np.ndarray:
    turned = np.eye(4)
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    turned[2:, 2:] = [[cos, -sin], [sin, cos]]
    return turned


def playing(levels: Levels = SLOW, *, length_us: float = 0.04, over: float = 1.0) -> QubitPulses:
    """Return pulses that rotate by `over` times their angle while the levels decay."""
    alone = QubitPulses(NO_PULSE, NO_PULSE, levels, 0.0).wait(length_us)
    x90, x180 = (PlayedPulse(alone @ x_turn(over * angle), length_us, angle) for angle in (np.pi / 2, np.pi))
    return QubitPulses(x90, x180, levels, 0.0)


PERFECT = PairPulses(playing(), playing(), 0.0)
GATE = Step(ideal_gate(), 0.4)


def depolarising(kept: float) -> np.ndarray:
    return np.diag([1.0, *[kept] * 15])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


# --- pulses ----------------------------------------------------------------------------------------------------------


def test_the_static_zz_shifts_one_qubit_by_what_the_other_is() -> None:
    time_us = 1.25
    turned = zz_interaction(NO_PULSE, NO_PULSE, zz_mhz=0.1, time_us=time_us)
    for state, angle in ((1.0, 0.0), (-1.0, -2 * np.pi * 0.1 * time_us)):
        start = np.kron([1.0, 0.0, 0.0, state], [1.0, 1.0, 0.0, 0.0])
        ended = turned @ start
        # H/h = zz |11><11| is a rotation about -z: |1> is above |0>.
        assert ended[1:3] == pytest.approx([np.cos(angle), np.sin(angle)], abs=1e-12)


@each_case("angles", [(np.pi, 0.0), (np.pi / 2, np.pi), (np.pi / 2, np.pi / 2)])
def test_the_static_zz_acts_while_both_are_turned(angles: tuple[float, float]) -> None:
    time_us, zz_mhz, slices, phase_rad = 0.04, 0.3, 400, 0.7
    x, one = np.array([[0, 1], [1, 0]]), np.eye(2)
    across = np.array([[0, np.exp(-1j * phase_rad)], [np.exp(1j * phase_rad), 0]])
    both = np.diag([0, 0, 0, 1])
    total = np.eye(4, dtype=np.complex128)
    for place in (np.arange(slices) + 0.5) / slices:
        share = (1 - np.cos(2 * np.pi * place)) / slices
        drive = np.kron(angles[0] / 2 * x, one) + np.kron(one, angles[1] / 2 * across)
        total = expm(-1j * (share * drive + 2 * np.pi * zz_mhz * time_us / slices * both)) @ total
    alone = np.kron(expm(-0.5j * angles[0] * x), expm(-0.5j * angles[1] * across))
    found = zz_interaction(
        PlayedPulse(np.eye(4), time_us, angles[0]),
        PlayedPulse(np.eye(4), time_us, angles[1], phase_rad),
        zz_mhz=zz_mhz,
        time_us=time_us,
    )
    # The square of the angle of the interaction in that time, 0.075, is 0.0057.
    assert pauli_transfer(alone) @ found == pytest.approx(pauli_transfer(total), abs=1e-3)


def test_who_is_done_waits_for_the_other() -> None:
    relaxing = Levels(-330.0, 10.0, 15.0, 0.0)
    pulses = PairPulses(playing(length_us=0.2), playing(relaxing, length_us=0.04), 0.0)
    step = pulses.preparation(1, 1)
    assert step.length_us == 0.2
    # Here, relaxation during a qubit's own pulse acts after its rotation.
    assert final_populations(step.channel)[0] == pytest.approx(
        [0, 0, 1 - np.exp(-0.02), np.exp(-0.02)], abs=1e-6
    )


def test_what_leaks_is_read_as_one_of_the_control() -> None:
    leaking = np.eye(4)
    leaking[0, [0, 3]] = leaking[3, [3, 0]] = 0.95, 0.05
    found = final_populations(np.asarray(np.kron(leaking, np.eye(4)), dtype=np.float64))
    assert found.sum(axis=-1) == pytest.approx(1)
    # A tenth of the control's |1> has decayed.
    assert found == pytest.approx(
        np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0.95, 0.05], [0, 0, 0.05, 0.95]])
    )


@each_case(("component", "vector"), [("X", (1, 0, 0)), ("Y", (0, 1, 0)), ("Z", (0, 0, 1))])
def test_a_component_of_plus_one_is_read_as_zero(component: str, vector: tuple[int, int, int]) -> None:
    for plus, excited in ((1, 0.0), (-1, 1.0)):
        state = np.kron([1, 0, 0, 1], [1, *(plus * part for part in vector)])
        read = basis_change(PERFECT, f"Z{component}").channel @ state
        assert (1 - read[3]) / 2 == pytest.approx(excited, abs=1e-9)
        other = np.kron([1, *(plus * part for part in vector)], [1, 0, 0, 1])
        assert (1 - (basis_change(PERFECT, f"{component}Z").channel @ other)[12]) / 2 == pytest.approx(
            excited, abs=1e-9
        )


def test_the_bell_state_is_the_one_that_is_promised() -> None:
    state = bell_sequence(PERFECT, GATE).channel @ STARTS[:, 0]
    assert state[[0, XX, YY, ZZ]] == pytest.approx([1, 1, -1, 1])
    assert np.delete(state, [0, XX, YY, ZZ]) == pytest.approx(0, abs=1e-9)


def test_a_train_is_one_gate_after_the_other() -> None:
    noisy = depolarising(0.98) @ np.kron(z_rotation(0.1), x_turn(0.2)) @ ideal_gate()
    counts = np.array([7, 0, 1, 12])
    expected = [final_populations(np.linalg.matrix_power(noisy, count)) for count in counts]
    assert gate_train_populations(noisy, counts) == pytest.approx(np.array(expected))


def test_a_detuned_target_turns_the_same_way_in_a_gate_as_in_a_wait(jakarta: ChipTruth) -> None:
    pair = make_pair(jakarta, "0-1", "0")
    drives = pair.control.frequency_ghz, pair.target.frequency_ghz - 2e-3
    silent = ZX90(CrossResonanceTone(0.0), 0.0)
    played = gate_channel(pair, silent, drives_ghz=drives, x180=np.eye(4), x180_ns=40.0)
    waited = idle_channel(pair, 0.08, drives_ghz=drives, slow_noise=False)
    # 2 MHz for 80 ns, a rotation of 1 rad; the static ZZ of at most 0.1 MHz has half its effect in the middle of an echo.
    assert played[1:3, 1:3] == pytest.approx(waited[1:3, 1:3], abs=2 * np.pi * 0.05 * 0.08)


# --- steady state ----------------------------------------------------------------------------------------------------


def _qubit(t1_us: float, thermal: float, residual: float) -> Any:
    return SimpleNamespace(
        coherence=SimpleNamespace(t1_us=t1_us),
        thermal_population=thermal,
        active_reset=SimpleNamespace(residual=residual),
    )


def test_waiting_settles_where_shot_after_shot_does() -> None:
    control, target = _qubit(120.0, 0.02, 0.01), _qubit(60.0, 0.03, 0.0)
    reached = final_populations(bell_sequence(PERFECT, GATE).channel @ depolarising(0.9))
    found = relax_before_readout(reached, control, target, Repetition("passive", 100.0))
    start = np.array([1.0, 0.0, 0.0, 0.0])
    for _ in range(200):
        read = (start @ reached).reshape(2, 2)
        relaxed = []
        for qubit, axis in ((control, 1), (target, 0)):
            left = np.exp(-100.0 / qubit.coherence.t1_us)
            relaxed.append((qubit, left, axis))
        joint = np.zeros((2, 2))
        for (c, t), chance in np.ndenumerate(read):
            ups = [
                qubit.thermal_population + (was - qubit.thermal_population) * left
                for (qubit, left, _), was in zip(relaxed, (c, t), strict=True)
            ]
            joint += chance * np.outer([1 - ups[0], ups[0]], [1 - ups[1], ups[1]])
        start = joint.ravel()
    assert found == pytest.approx(start @ reached)


def test_an_active_reset_starts_each_qubit_with_its_own_rest() -> None:
    control, target = _qubit(100.0, 0.02, 0.1), _qubit(100.0, 0.02, 0.2)
    found = relax_before_readout(np.eye(4), control, target, Repetition("active"))
    assert found == pytest.approx([0.9 * 0.8, 0.9 * 0.2, 0.1 * 0.8, 0.1 * 0.2])


def test_two_qubits_that_do_nothing_are_as_warm_as_each_alone() -> None:
    control, target = _qubit(100.0, 0.02, 0.1), _qubit(50.0, 0.03, 0.2)
    found = relax_before_readout(np.eye(4), control, target, Repetition("passive", 10.0))
    assert found == pytest.approx([0.98 * 0.97, 0.98 * 0.03, 0.02 * 0.97, 0.02 * 0.03])


# --- random sequences ------------------------------------------------------------------------------------------------


def step_by_step(
    sequences: PairSequences, pulses: PairPulses, gate: Step
) -> tuple[list[np.ndarray], list[float]]:
    """Play every sequence pulse by pulse."""
    found, times = [], []
    played = np.stack([sequences.cores, sequences.layers], axis=-1)
    for part in np.split(played, np.cumsum(sequences.counts)[:-1]):
        done = Step(np.eye(16), 0.0)
        for place, (core, last) in enumerate(part.tolist()):
            for layer in cores()[core]:
                done = done.then(_layer(pulses, layer)).then(gate)
            done = done.then(_layer(pulses, last))
            if sequences.interleaved and place < len(part) - 1:
                done = done.then(gate)
        found.append(final_populations(done.channel))
        times.append(done.length_us)
    return found, times


def _layer(pulses: PairPulses, layer: int) -> Step:
    from qdash_analysis.cliffords.one_qubit import AFTER, BEFORE, PULSES

    both = divmod(layer, 24)
    played = []
    for qubit, clifford in zip((pulses.control, pulses.target), both, strict=True):
        count = int(PULSES[clifford])
        channel = np.linalg.matrix_power(qubit.x90.channel, count)
        played.append(PlayedPulse(channel, count * qubit.x90.length_us, count * np.pi / 2))
    before, after = (
        Step(np.kron(*(z_rotation(np.pi / 2 * turns[clifford]) for clifford in both)), 0.0)
        for turns in (BEFORE, AFTER)
    )
    return before.then(pulses.simultaneous(*played)).then(after)


@pytest.mark.parametrize("interleaved", [False, True])
def test_perfect_sequences_end_where_they_should(rng: np.random.Generator, interleaved: bool) -> None:
    sequences = PairSequences.random(np.repeat([0, 1, 2, 30], 8), interleaved=interleaved, rng=rng)
    found, _ = compute_benchmarking_populations(sequences, PERFECT, GATE)
    assert found[np.arange(32), 0, ends_in(32) @ [2, 1]] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("interleaved", [False, True])
def test_all_sequences_together_agree_with_one_pulse_after_another(
    rng: np.random.Generator, interleaved: bool
) -> None:
    pulses = PairPulses(
        playing(Levels(-330.0, 30.0, 40.0, 0.02), over=1.02),
        playing(Levels(-330.0, 50.0, 20.0, 0.01), length_us=0.06, over=0.97),
        0.2,
    )
    gate = Step(depolarising(0.99) @ np.kron(z_rotation(0.02), x_turn(0.03)) @ ideal_gate(), 0.4)
    gate.channel[0, 0], gate.channel[0, 12] = 0.999, -0.001
    sequences = PairSequences.random(np.array([3, 0, 40, 11, 1]), interleaved=interleaved, rng=rng)
    found, times = compute_benchmarking_populations(sequences, pulses, gate)
    expected, expected_us = step_by_step(sequences, pulses, gate)
    assert found == pytest.approx(np.array(expected), abs=2e-5)
    assert times == pytest.approx(expected_us)


def survival(found: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of both qubits' signals from |00>, +1 if a sequence ends in its expected state."""
    one = np.stack([found[:, 0, 2] + found[:, 0, 3], found[:, 0, 1] + found[:, 0, 3]], axis=-1)
    return np.asarray((np.where(ends_in(count), -1, 1) * (1 - 2 * one)).mean(axis=-1))


@pytest.mark.parametrize("interleaved", [False, True])
def test_depolarising_gates_decay_by_what_they_lose(rng: np.random.Generator, interleaved: bool) -> None:
    kept, each, length = 0.98, 2000, 20
    gate = Step(depolarising(kept) @ ideal_gate(), 0.4)
    assert gate_fidelity(gate.channel) == pytest.approx(1 - 0.75 * (1 - kept))
    sequences = PairSequences.random(np.full(each, length), interleaved=interleaved, rng=rng)
    found = survival(compute_benchmarking_populations(sequences, PERFECT, gate)[0], each)
    # 0, 1, 2 and 3 gates in 1, 9, 9 and 1 of 20 Cliffords; the interleaved gate follows all but the final one.
    clifford = (1 + 9 * kept + 9 * kept**2 + kept**3) / 20
    expected = clifford ** (length + 1) * (kept**length if interleaved else 1)
    assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(each)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(np.kron(np.eye(4), x_turn(0.05)), marks=pytest.mark.slow),
        # Rotations by pi about z alone would not flip this one.
        zz_interaction(NO_PULSE, NO_PULSE, zz_mhz=0.1, time_us=0.4),
    ],
    ids=["target about x", "ZZ"],
)
def test_the_ratio_of_decays_tells_the_fidelity_of_the_gate(
    rng: np.random.Generator, wrong: np.ndarray
) -> None:
    pulses = PairPulses(
        playing(Levels(-330.0, 120.0, 90.0, 0.01), over=1.004),
        playing(Levels(-330.0, 90.0, 110.0, 0.02), over=0.997),
        0.05,
    )
    waiting = np.kron(pulses.control.wait(0.4), pulses.target.wait(0.4))
    gate = Step(waiting @ wrong @ ideal_gate(), 0.4)
    short, long, each = 2, 22, 4000
    slopes, errors = [], []
    for interleaved in (False, True):
        lengths = np.repeat([short, long], each)
        sequences = PairSequences.random(lengths, interleaved=interleaved, rng=rng)
        signal = survival(compute_benchmarking_populations(sequences, pulses, gate)[0], 2 * each).reshape(
            2, each
        )
        means, scatter = signal.mean(axis=1), signal.std(axis=1) / np.sqrt(each)
        slopes.append(np.log(means[1] / means[0]) / (long - short))
        errors.append(np.hypot(*(scatter / means)) / (long - short))
    found = 1 - 0.75 * (1 - np.exp(slopes[1] - slopes[0]))
    # Magesan et al., PRL 109, 080505 (2012): exact up to how far errors of gate and Cliffords add coherently, here a small
    # part of the product of both errors' square roots; the rest is the scatter of the sequences.
    assert abs(found - gate_fidelity(gate.channel)) < 4 * 0.75 * np.hypot(*errors) + 2e-4
