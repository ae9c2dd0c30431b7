"""The twin as a laboratory: it answers every request of the port, in batches, each target independently."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.physics.chip import ChipTruth
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.pair_requests import (
    ConditionalRamsey,
    CrossResonance,
    DetunedConditionalRamsey,
    GateTrain,
    JointShots,
    LaterCrossResonance,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Pulse
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import (
    Chevron,
    DetunedRamsey,
    DragScan,
    Echo,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    RandomSequences,
    ReadoutScan,
    ReadoutWaveform,
    Relaxation,
    SimultaneousSequences,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from ..case_tables import each_case
from .twin_requests import calibrated

QIDS = ("0", "1", "4")
PAIR, DIRECTION = "0-1", ("1", "0")
SHOTS = Shots(count=300, reset="passive", interval_us=120.0)

NEAR_ONE = np.linspace(0.0, 3.0, 7)
COUNTS = np.array([0.0, 1.0, 2.0, 5.0, 8.0])
LENGTHS = np.array([1.0, 1.0, 40.0, 7.0])
DURATIONS = np.array([60.0, 100.0, 150.0])
PULSE = Pulse(0.21, 40.0, 0.3)
TONE = CrossResonanceTone(0.2, 0.4, cancel_amplitude=0.01, rotary_amplitude=0.02)
GATE = ZX90(TONE, 180.0)


def near(chip: ChipTruth, qid: str) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies near those of a qubit and of its resonator."""
    around = np.linspace(-2e-3, 2e-3, 5)
    qubit = chip.qubits[qid]
    return qubit.frequency_ghz + around, qubit.resonator.best_probe_ghz + around


def each(value: Request) -> dict[str, Request]:
    return dict.fromkeys(QIDS, value)


Asked = Callable[[ChipTruth], Mapping[str, Request]]

CASES: dict[str, Asked] = {
    "resonator spectroscopy": lambda chip: {q: ReadoutScan(near(chip, q)[1], amplitude=0.03) for q in QIDS},
    "readout spectroscopy": lambda chip: {q: ReadoutScan(near(chip, q)[1], state=1) for q in QIDS},
    "readout waveform": lambda chip: each(ReadoutWaveform(100 * NEAR_ONE, 50.0)),
    "qubit spectroscopy": lambda chip: {q: QubitScan(near(chip, q)[0], amplitude=0.002) for q in QIDS},
    "single shots": lambda chip: each(SingleShots(1, amplitude=0.08)),
    "rabi": lambda chip: each(Rabi(40 * NEAR_ONE, amplitude=0.05)),
    "rabi against amplitude": lambda chip: each(RabiAmplitude(0.1 * NEAR_ONE, duration_ns=40.0)),
    "chevron": lambda chip: {q: Chevron(40 * NEAR_ONE, near(chip, q)[0]) for q in QIDS},
    "relaxation": lambda chip: each(Relaxation(50 * NEAR_ONE)),
    "ramsey": lambda chip: each(Ramsey(NEAR_ONE, detuning_mhz=-0.7)),
    "detuned ramsey": lambda chip: {
        q: DetunedRamsey(NEAR_ONE, detuning_mhz=-0.7, frequency_ghz=near(chip, q)[0].mean()) for q in QIDS
    },
    "echo": lambda chip: each(Echo(20 * NEAR_ONE)),
    "pulse train": lambda chip: each(PulseTrain(COUNTS, PULSE, start="superposition")),
    "drag": lambda chip: each(DragScan(NEAR_ONE - 1, PULSE, pairs=4)),
    "random sequences": lambda chip: each(RandomSequences(LENGTHS, interleaved="X90")),
    "simultaneous sequences": lambda chip: each(
        SimultaneousSequences(LENGTHS, interleaved="X180", simultaneous_with=frozenset({"0", "2", "3"}))
    ),
    "references": lambda chip: {PAIR: ReadoutReferences(*DIRECTION)},
    "cross resonance": lambda chip: {PAIR: CrossResonance(*DIRECTION, DURATIONS, TONE)},
    "later cross resonance": lambda chip: {
        PAIR: LaterCrossResonance(*DIRECTION, DURATIONS, TONE, wait_ns=60.0)
    },
    "gate train": lambda chip: {
        PAIR: GateTrain(*DIRECTION, COUNTS, GATE, control_state=1, start="superposition")
    },
    "conditional ramsey": lambda chip: {
        PAIR: ConditionalRamsey(*DIRECTION, NEAR_ONE, control_state=1, detuning_mhz=1.1)
    },
    "detuned conditional ramsey": lambda chip: {
        PAIR: DetunedConditionalRamsey(*DIRECTION, NEAR_ONE, 0, -0.7, near(chip, DIRECTION[1])[0].mean())
    },
    "joint shots": lambda chip: {PAIR: JointShots(*DIRECTION, "bell", "XY", GATE)},
    "random pair sequences": lambda chip: {
        PAIR: RandomPairSequences(*DIRECTION, LENGTHS, interleaved=True, gate=GATE)
    },
}


def answered(laboratory: TwinLaboratory, asked: Mapping[str, Request]) -> dict[str, Trace | ShotRecord]:
    found = measure_targets(laboratory, {target: [request] for target, request in asked.items()}, SHOTS)
    return {target: only(answers) for target, answers in found.items()}


def only(answers: Sequence[Trace | ShotRecord] | Exception) -> Trace | ShotRecord:
    assert not isinstance(answers, Exception), answers
    (answer,) = answers
    return answer


def test_the_cases_are_all_requests_that_a_twin_answers(jakarta: ChipTruth) -> None:
    asked = {type(request) for requests in CASES.values() for request in requests(jakarta).values()}
    assert asked == TwinLaboratory.requests


@each_case("requests", CASES.values(), ids=CASES)
def test_a_request_is_answered_alike_in_a_session_of_the_same_number_only(
    jakarta: ChipTruth, requests: Asked
) -> None:
    first, again, other = (answered(calibrated(jakarta, number), requests(jakarta)) for number in (3, 3, 4))
    assert first.keys() == requests(jakarta).keys()
    for target, answer in first.items():
        same(answer, again[target])
        assert not np.any(answer.iq == other[target].iq)


def test_a_batch_draws_its_noise_as_one_call_after_the_other_and_is_set_up_once(jakarta: ChipTruth) -> None:
    asked: list[Request] = [Relaxation(50 * NEAR_ONE), SingleShots(1), RandomSequences(LENGTHS)]
    together, after = calibrated(jakarta), calibrated(jakarta)
    batch = measure_targets(together, {"0": asked, "4": asked[:2]}, SHOTS)
    for place, request in enumerate(asked):
        targets = ("0", "4") if place < 2 else ("0",)
        single = answered(after, dict.fromkeys(targets, request))
        for target in targets:
            answers = batch[target]
            assert not isinstance(answers, Exception)
            same(answers[place], replace(single[target], began_s=answers[place].began_s))
    for target, saved in (("0", 2), ("4", 1)):
        assert together.clock.now_s(target) == pytest.approx(after.clock.now_s(target) - saved * 0.1)


def same(one: Trace | ShotRecord, other: Trace | ShotRecord) -> None:
    assert type(one) is type(other)
    for field in fields(one):
        assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


def test_coupled_qubits_shift_each_other_only_when_both_are_in_superposition(jakarta: ChipTruth) -> None:
    ramsey, idle = Ramsey(2 * NEAR_ONE, detuning_mhz=1.0), Relaxation(2 * NEAR_ONE)
    alone = answered(calibrated(jakarta), {"0": ramsey})["0"].iq
    beside_idle = answered(calibrated(jakarta), {"0": ramsey, "1": idle})["0"].iq
    beside_echo = answered(calibrated(jakarta), {"0": ramsey, "1": Echo(2 * NEAR_ONE)})["0"].iq
    assert np.array_equal(alone, beside_idle)
    assert not np.array_equal(alone, beside_echo)


def test_random_sequences_say_what_they_are_closed_to_end_in(jakarta: ChipTruth) -> None:
    laboratory = calibrated(jakarta)
    of_one = answered(laboratory, {"0": RandomSequences(LENGTHS)})["0"]
    of_two = answered(laboratory, {PAIR: RandomPairSequences(*DIRECTION, LENGTHS, gate=GATE)})[PAIR]
    assert isinstance(of_one, Trace)
    assert isinstance(of_two, Trace)
    assert of_one.ends is not None
    assert of_two.ends is not None
    assert of_one.ends.tolist() == [False, True, False, True]
    assert of_two.ends.tolist() == [[False, False], [True, False], [False, True], [True, True]]


def test_an_answer_tells_when_its_measurement_began(jakarta: ChipTruth) -> None:
    laboratory = calibrated(jakarta)
    first = answered(laboratory, {"0": Relaxation(NEAR_ONE)})["0"]
    between = laboratory.clock.now_s("0")
    second = answered(laboratory, {"0": SingleShots(0)})["0"]
    assert (first.began_s, second.began_s) == (0.0, between)
    assert between > 0


def test_a_gate_that_is_not_calibrated_is_the_failure_of_its_coupling_alone(jakarta: ChipTruth) -> None:
    asked: dict[str, list[Request]] = {
        PAIR: [ReadoutReferences(*DIRECTION), JointShots(*DIRECTION, "bell")],
        "3-5": [ReadoutReferences("3", "5"), JointShots("3", "5", "bell", gate=GATE)],
    }
    found = measure_targets(calibrated(jakarta), asked, SHOTS)
    assert isinstance(found[PAIR], InvalidInputError)
    assert "no ZX90 is calibrated" in str(found[PAIR])
    assert not isinstance(found["3-5"], Exception)


def test_a_twin_has_tones_with_one_length_of_their_edges_only(jakarta: ChipTruth) -> None:
    steep = CrossResonanceTone(0.2, rise_ns=10.0)
    found = measure_targets(
        calibrated(jakarta), {PAIR: [CrossResonance(*DIRECTION, DURATIONS, steep)]}, SHOTS
    )
    assert "the edges of a twin's tones have 28 ns" in str(found[PAIR])
