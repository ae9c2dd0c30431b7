"""Checks of `play` in the kit: a correct laboratory passes, and each breach fails its own test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.contract.play_contract import PlayContract
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.program import Program, ProgramAnswer

from ..case_tables import each_case
from .mistakes import Mistakes
from .test_recipes import ROUGH
from .three_level_bench import ThreeLevelBench

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory

COARSE = Limits(usual_line=LineLimits(start_ns=2.0), readout=ReadoutLimits(start_ns=4.0), covariances=True)


class TestThreeLevelBench(PlayContract):
    targets = ("0", "1", "0-1")

    def laboratory(self, tmp_path: Path) -> Laboratory:
        return ThreeLevelBench(ROUGH, limits=COARSE)


class TestShotsOnly(PlayContract):
    def laboratory(self, tmp_path: Path) -> Laboratory:
        return ThreeLevelBench(ROUGH, limits=replace(COARSE, keeps=frozenset({"each"})))


class ReadingOnce(ThreeLevelBench):
    """Reads each qubit at most once per program."""

    def __init__(self, most: int | None) -> None:
        super().__init__(
            ROUGH, limits=replace(COARSE, readout=replace(COARSE.readout, readouts_a_program=most))
        )

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        for program in programs:
            if len({one.qid for one in program.readouts}) < len(program.readouts):
                raise InvalidInputError("one readout of a qubit")
        return super().play(programs, shots)


class TestReadingOnce(PlayContract):
    def laboratory(self, tmp_path: Path) -> Laboratory:
        return ReadingOnce(1)


@pytest.mark.parametrize(
    "test",
    [
        "test_several_readouts_come_in_the_order_of_time",
        "test_an_answer_for_every_program_has_the_shapes_of_its_readouts",
    ],
)
def test_a_laboratory_that_reads_once_and_does_not_say_so_fails(test: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="one readout"):
        getattr(_asked(ReadingOnce(None)), test)(tmp_path)


GUARDED = replace(COARSE, readout=replace(COARSE.readout, guard_ns=128.0))


class Guarding(ThreeLevelBench):
    """Refuses a readout that follows a pulse too closely."""

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        for program in programs:
            for readout in program.readouts:
                program.require_guard(readout, GUARDED.readout.guard_ns)
        return super().play(programs, shots)


class TestGuarding(PlayContract):
    def laboratory(self, tmp_path: Path) -> Laboratory:
        return Guarding(ROUGH, limits=GUARDED)


def test_a_readout_within_the_guard_that_is_played_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a readout 124\N{NO-BREAK SPACE}ns after a pulse"):
        _asked(ThreeLevelBench(ROUGH, limits=GUARDED)).test_programs_beside_the_grid_are_refused(tmp_path)


class Naming(ThreeLevelBench):
    """Reports a program off its grid as a failure of its qubits, without an error."""

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        try:
            return super().play(programs, shots)
        except InvalidInputError as reason:
            failed = [{one.qid: str(reason) for one in program.readouts} for program in programs]
            return [ProgramAnswer(iq={}, failed=each) for each in failed]


def test_a_refusal_may_name_the_qubit_and_raise_nothing(tmp_path: Path) -> None:
    _asked(Naming(ROUGH, limits=COARSE)).test_programs_beside_the_grid_are_refused(tmp_path)


class Answering(ThreeLevelBench):
    """Replaces right answers by a function of them."""

    def __init__(self, change: Callable[[Program, Any, str], Any]) -> None:
        super().__init__(ROUGH, limits=COARSE)
        self._change = change

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        answers = super().play(programs, shots)
        return [
            replace(answer, iq={qid: self._change(program, iq, shots.keep) for qid, iq in answer.iq.items()})
            for program, answer in zip(programs, answers, strict=True)
        ]


class Rounding(ThreeLevelBench):
    """Rounds times to its grid."""

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        def rounded(ns: float) -> float:
            return round(ns / 4) * 4.0

        return super().play(
            [
                Program(
                    tuple(
                        replace(
                            play,
                            start_ns=rounded(play.start_ns),
                            waveform=replace(play.waveform, length_ns=rounded(play.waveform.length_ns)),
                        )
                        for play in program.plays
                    ),
                    tuple(replace(one, start_ns=rounded(one.start_ns)) for one in program.readouts),
                )
                for program in programs
            ],
            shots,
        )


class Sending(ThreeLevelBench):
    """Plays amplitudes other than the given ones."""

    def __init__(self, amplitude: Callable[[Any], float]) -> None:
        super().__init__(ROUGH, limits=COARSE)
        self._amplitude = amplitude

    def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
        changed = [
            Program(
                tuple(replace(play, amplitude=self._amplitude(play)) for play in program.plays),
                program.readouts,
            )
            for program in programs
        ]
        return super().play(changed, shots)


def test_a_grid_that_is_rounded_to_is_caught(tmp_path: Path) -> None:
    _require_caught(
        Rounding(ROUGH, limits=COARSE),
        "test_programs_beside_the_grid_are_refused",
        "`play` accepts ",
        tmp_path,
    )


@each_case(
    ("change", "test", "said"),
    [
        (
            lambda program, iq, keep: replace(iq, mean=iq.mean[::-1]),
            "test_several_readouts_come_in_the_order_of_time",
            "in the order of time",
        ),
        (
            lambda program, iq, keep: replace(iq, mean=iq.mean * program.readouts[0].length_ns),
            "test_a_readout_of_twice_the_length_gives_the_same_signal",
            "2.00 times the signal",
        ),
        (
            lambda program, iq, keep: iq if iq.each is None else replace(iq, each=3 * iq.each),
            "test_the_mean_of_every_shot_is_the_mean",
            "check that neither is a sum",
        ),
        (
            lambda program, iq, keep: iq if iq.each is None else replace(iq, each=iq.each.T),
            "test_an_answer_for_every_program_has_the_shapes_of_its_readouts",
            r"each has shape \(1, 256\)",
        ),
    ],
    ids=["readouts the other way", "sums", "sums of shots", "shots on their side"],
)
def test_an_answer_that_is_no_answer_is_caught(
    change: Callable[[Program, Any, str], Any], test: str, said: str, tmp_path: Path
) -> None:
    _require_caught(Answering(change), test, said, tmp_path)


@pytest.mark.parametrize(
    "amplitude",
    [lambda play: 6 * play.amplitude**2, lambda play: play.amplitude * 40 / play.waveform.length_ns],
    ids=["power", "area"],
)
def test_an_amplitude_that_is_none_is_caught(amplitude: Callable[[Any], float], tmp_path: Path) -> None:
    _require_caught(
        Sending(amplitude), "test_an_amplitude_stands_for_a_rabi_frequency", "proportional to", tmp_path
    )


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ({"failed": {"0": "no lock"}}, "qubit 0 could not be measured: no lock"),
        ({}, "is neither in `iq` nor in `failed`"),
    ],
    ids=["failed", "left out"],
)
def test_a_qubit_that_is_not_answered_fails_with_the_reason(
    answered: dict[str, Any], said: str, tmp_path: Path
) -> None:
    class NotAnswering(ThreeLevelBench):
        def play(self, programs: Sequence[Program], shots: Any) -> Sequence[ProgramAnswer]:
            return [ProgramAnswer(iq={}, **answered) for _ in programs]

    for test in (
        "test_an_answer_for_every_program_has_the_shapes_of_its_readouts",
        "test_several_readouts_come_in_the_order_of_time",
        "test_a_readout_of_twice_the_length_gives_the_same_signal",
    ):
        _require_caught(NotAnswering(ROUGH, limits=COARSE), test, said, tmp_path)


@each_case("answers", ["backwards", "by length", "second for third"])
def test_answers_in_another_order_are_named(answers: Any, tmp_path: Path) -> None:
    bench = ThreeLevelBench(ROUGH, Mistakes(answers=answers), limits=COARSE)

    _require_caught(bench, "test_recipes_are_met", "answers are not in the order of the programs", tmp_path)


def test_a_plane_that_turns_and_is_not_declared_is_named(tmp_path: Path) -> None:
    bench = ThreeLevelBench(ROUGH, Mistakes(plane_rad=0.35), limits=COARSE)

    _require_caught(bench, "test_recipes_are_met", r"set `Limits\(plane_turns=True\)`", tmp_path)


def test_a_mistake_fails_with_what_its_recipes_say(tmp_path: Path) -> None:
    bench = ThreeLevelBench(ROUGH, Mistakes(phase=-1, envelope=-1), limits=COARSE)

    _require_caught(bench, "test_recipes_are_met", "(?s)return phase=-1.*return envelope=-1", tmp_path)


def test_what_play_raises_fails_for_each_recipe(tmp_path: Path) -> None:
    def broken(*_: object) -> Any:
        raise BackendError("the rack is off")

    with pytest.raises(AssertionError, match="plane of 0: not clear: the rack is off"):
        _asked(Answering(broken)).test_recipes_are_met(tmp_path)


def _require_caught(bench: ThreeLevelBench, test: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=said):
        getattr(_asked(bench), test)(tmp_path)


def _asked(bench: ThreeLevelBench) -> PlayContract:
    class Asked(PlayContract):
        def laboratory(self, tmp_path: Path) -> Laboratory:
            return bench

    return Asked()
