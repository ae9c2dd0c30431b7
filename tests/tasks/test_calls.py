"""Calls of a laboratory: checks before and after, and attribution of failures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import JointShots, RandomPairSequences
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.pulses import Pulse
from qdash_tasks.laboratory.requests import (
    Chevron,
    Echo,
    PulseTrain,
    QubitScan,
    RandomSequences,
    ReadoutScan,
    Relaxation,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from ..case_tables import each_case
from .a_laboratory import BrokenLaboratory, SilentLaboratory, right_answer, settings

if TYPE_CHECKING:
    from qdash_tasks.laboratory.request import Request

TEN = Shots(count=10)
T1 = Relaxation(np.array([1.0, 50.0]))


def test_every_target_gets_an_answer_to_each_of_its_requests_in_their_order() -> None:
    laboratory = SilentLaboratory()
    asked: dict[str, list[Request]] = {
        "0": [T1, SingleShots(1), Chevron(np.arange(3.0), np.array([4.9, 5.0]))],
        "1-2": [JointShots("2", "1", "00"), RandomPairSequences("1", "2", np.array([1.0, 2.0]))],
    }
    found = measure_targets(laboratory, asked, TEN)
    shapes = {
        target: [answer.iq.shape for answer in answers]
        for target, answers in found.items()
        if not isinstance(answers, Exception)
    }
    assert shapes == {"0": [(2,), (10,), (2, 3)], "1-2": [(10, 2), (2, 2)]}


LIMITS = Limits(
    usual_line=LineLimits(frequencies_ghz=((4.0, 4.5), (4.8, 5.5)), largest_amplitude=0.5),
    readout=ReadoutLimits(frequencies_ghz=((6.0, 8.0),)),
    longest_program_ns=60_000.0,
    shortest_interval_us=100.0,
    points_a_call=100,
    shots_a_call=1000,
    keeps=frozenset({"mean"}),
    resets=frozenset({"passive"}),
)


@each_case(
    ("target", "request_", "says"),
    [
        ("7", T1, "qubit 7: this laboratory has no such qubit"),
        (
            "0-7",
            JointShots("0", "7", "00"),
            "pass `couplings={'0-7': CouplingSettings()}` to its constructor",
        ),
        ("0", Echo(np.array([1.0])), "0: this laboratory does not support Echo"),
        ("0", SingleShots(0), "SingleShots needs single shots"),
        ("0-1", T1, "0-1: Relaxation measures a qubit"),
        ("0", RandomPairSequences("0", "1", np.array([1.0])), "measures a coupling"),
        (
            "0-1",
            RandomPairSequences("1", "2", np.array([1.0])),
            "1, 2 are not control and target of this coupling",
        ),
        (
            "0",
            QubitScan(np.array([4.6]), 0.1),
            "QubitScan at 4.6\N{NO-BREAK SPACE}GHz: the drive line plays 4 to 4.5, 4.8",
        ),
        (
            "0",
            ReadoutScan(np.array([5.0])),
            "ReadoutScan at 5\N{NO-BREAK SPACE}GHz: the readout line plays 6 to 8\N{NO-BREAK SPACE}GHz",
        ),
        (
            "0",
            QubitScan(np.array([5.0]), 0.7),
            "an amplitude of 0.7 on the line of qubit 0: it plays at most",
        ),
        ("0", PulseTrain(np.array([1.0]), Pulse(-0.7, 40.0)), "an amplitude of 0.7"),
        ("0", Relaxation(np.array([70.0])), "Relaxation of 70000\N{NO-BREAK SPACE}ns: programs last at most"),
        (
            "0",
            Relaxation(np.linspace(0, 1, 101)),
            "101 points in one call: this laboratory takes at most 100",
        ),
    ],
)
def test_what_a_laboratory_cannot_measure_is_refused_without_asking_it(
    target: str, request_: Request, says: str
) -> None:
    laboratory = SilentLaboratory(LIMITS)
    found = measure_targets(laboratory, {target: [request_], "2": [T1]}, TEN)
    assert isinstance(found[target], InvalidInputError)
    assert says in str(found[target])
    assert laboratory.asked == ["2"]
    assert not isinstance(found["2"], Exception)


@each_case(
    ("shots", "says"),
    [
        (Shots(count=1001), "1001 shots in one call: this laboratory takes at most 1000"),
        (Shots(count=10, reset="active"), "reset 'active': this laboratory supports passive"),
        (
            Shots(count=10, interval_us=50.0),
            "a shot interval of 50 µs: this laboratory takes at least 100 µs",
        ),
    ],
)
def test_shots_that_cannot_be_taken_are_refused(shots: Shots, says: str) -> None:
    laboratory = SilentLaboratory(LIMITS)
    assert says in str(measure_targets(laboratory, {"0": [T1]}, shots)["0"])
    assert not laboratory.asked


def test_targets_of_one_call_share_no_qubit() -> None:
    laboratory = SilentLaboratory()
    pairs = {"0-1": [JointShots("0", "1", "00")], "1-2": [JointShots("1", "2", "00")]}
    found = measure_targets(laboratory, pairs, TEN)
    assert "0-1 and 1-2 share 1" in str(found["0-1"])
    assert "0-1 and 1-2 share 1" in str(found["1-2"])
    assert not laboratory.asked


def test_the_failure_of_one_target_is_its_own() -> None:
    def answers(target: str, request: Request, shots: Shots) -> Trace | ShotRecord:
        if target == "1":
            raise RuntimeError("no light on the generator")
        return right_answer(request, shots)

    found = measure_targets(SilentLaboratory(answers=answers), {qid: [T1] for qid in "012"}, TEN)
    assert [isinstance(found[qid], Exception) for qid in "012"] == [False, True, False]
    assert str(found["1"]) == "no light on the generator"


def test_a_call_that_fails_altogether_is_the_failure_of_all() -> None:
    lost = ConnectionError("lost")
    assert measure_targets(BrokenLaboratory(lost), {"0": [T1], "1": [T1]}, TEN) == {"0": lost, "1": lost}


ZEROS = np.zeros(2)
RIGHT = Trace(np.array([1.0, 50.0]), ZEROS + 0j, ZEROS + 0.1 + 0.1j, ZEROS)


@each_case(
    ("changes", "says"),
    [
        ({"iq": np.zeros(3) + 0j}, "iq has shape (3,), not (2,)"),
        ({"iq": np.array([0, np.nan]) + 0j}, "iq has values that are not finite"),
        ({"x": np.array([1.0])}, "x has shape (1,), not (2,)"),
        ({"sigma": None}, "sigma is missing"),
        ({"sigma": np.full(2, 0.01)}, "sigma must be complex"),
        ({"sigma": np.full(2, 0.01 + 0j)}, "both above 0"),
        ({"covariance": np.full(2, 1.0)}, "covariance is larger than that of two quadratures"),
        ({"covariance": np.zeros((2, 2))}, "covariance has shape (2, 2), not (2,)"),
        ({"ends": np.array([True, False])}, "ends is given, but this request has none"),
        ({"rows": ZEROS}, "rows is given"),
    ],
)
def test_an_answer_that_is_none_is_named(changes: dict[str, Any], says: str) -> None:
    wrong = BrokenLaboratory({"0": [replace(RIGHT, **changes)], "1": [RIGHT]})
    found = measure_targets(wrong, {"0": [T1], "1": [T1]}, TEN)
    assert isinstance(found["0"], BackendError)
    assert str(found["0"]) == f"BrokenLaboratory answers Relaxation of 0 wrongly: {says}" or says in str(
        found["0"]
    )
    assert found["1"] == [RIGHT]


def test_random_sequences_say_what_they_end_in() -> None:
    found = measure_targets(
        BrokenLaboratory({"0": [RIGHT]}), {"0": [RandomSequences(np.array([1.0, 50.0]))]}, TEN
    )
    assert "ends is missing" in str(found["0"])


@each_case(
    ("answers", "says"),
    [
        ({}, "returned no answer for 0"),
        ({"0": []}, "returned 0 answers to 1 requests for 0"),
        ({"0": [ShotRecord(ZEROS + 0j)]}, "a ShotRecord instead of a Trace"),
    ],
)
def test_answers_that_are_missing_are_named(answers: dict[str, Any], says: str) -> None:
    found = measure_targets(BrokenLaboratory(answers), {"0": [T1]}, TEN)
    assert isinstance(found["0"], BackendError)
    assert says in str(found["0"])


def test_an_attribute_that_would_cover_a_method_of_the_base_class_is_refused() -> None:
    class Covering(SilentLaboratory):
        def __init__(self) -> None:
            super().__init__()
            self.coupling = 3

    with pytest.raises(InvalidInputError, match=r"Covering\.coupling is a method of Laboratory"):
        Covering()


def test_the_generator_of_a_laboratory_that_plays_pulses_is_not_its_method_rng() -> None:
    class Covering(PulseLaboratory):
        def play(self, programs: Any, shots: Any) -> Any:
            return []

        def __init__(self) -> None:
            super().__init__({"0": settings()})
            self.rng = np.random.default_rng(1)

    with pytest.raises(InvalidInputError, match="rename the attribute"):
        Covering()
