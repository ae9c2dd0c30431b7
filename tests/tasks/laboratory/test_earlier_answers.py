"""Detection of repeated noise in a laboratory that plays pulses: such answers belong to an earlier call,
program or shot.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.program import IQ, ProgramAnswer
from qdash_tasks.laboratory.requests import Rabi, Relaxation, SingleShots
from qdash_tasks.laboratory.shots import Shots

from ...case_tables import each_case
from .player import Player

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.request import Request

    Answered = list[ProgramAnswer]

TIMES = np.linspace(0.0, 80.0, 9)
RABI, RELAXATION = Rabi(TIMES), Relaxation(TIMES)
SHOTS = Shots(count=200)
EACH, MEAN = Limits(keeps=frozenset({"each"})), Limits(covariances=True)


class Buffered(Player):
    """Returns a function of the answers of this call and of the last one."""

    def __init__(
        self, answered: Callable[[Answered, Answered], Answered], limits: Limits, *, noise: float = 1.0
    ) -> None:
        super().__init__(limits, noise=noise)
        self._answered, self._last = answered, []

    def play(self, programs: Sequence[Program], shots: Shots) -> list[ProgramAnswer]:
        now = super().play(programs, shots)
        if shots.keep == "mean":
            now = [_means(one) for one in now]
        last, self._last = self._last or now, now
        return self._answered(now, last)


def _means(answer: ProgramAnswer) -> ProgramAnswer:
    return replace(answer, iq={qid: replace(one, each=None) for qid, one in answer.iq.items()})


def right(now: Answered, last: Answered) -> Answered:
    return now


def of_last_call(now: Answered, last: Answered) -> Answered:
    return last


def one_late(now: Answered, last: Answered) -> Answered:
    return [last[-1], *now[:-1]]


def one_twice(now: Answered, last: Answered) -> Answered:
    return [*now[:-1], now[0]]


def each_shot_four_times(now: Answered, last: Answered) -> Answered:
    return [replace(one, iq={qid: IQ(iq.mean, _four_times(iq)) for qid, iq in one.iq.items()}) for one in now]


def _four_times(iq: IQ) -> np.ndarray:
    assert iq.each is not None
    return np.repeat(iq.each, 4, axis=0)[: len(iq.each)]


def told_apart(now: Answered, last: Answered) -> Answered:
    """Return states instead of points in the plane."""
    return [
        replace(
            one,
            iq={
                qid: IQ(iq.mean, (iq.each.real < 0.0).astype(complex))
                for qid, iq in one.iq.items()
                if iq.each is not None
            },
        )
        for one in now
    ]


def both(laboratory: Player, first: Request, second: Request) -> Answer | Exception:
    """Measure twice, and return the second answer."""
    measure_targets(laboratory, {"0": [first]}, SHOTS)
    found = measure_targets(laboratory, {"0": [second]}, SHOTS)["0"]
    return found if isinstance(found, Exception) else found[0]


@each_case(
    ("answered", "limits", "said"),
    [
        (of_last_call, EACH, "an answer identical to that of an earlier call"),
        (of_last_call, MEAN, "an answer identical to that of an earlier call"),
        (one_late, EACH, "an answer identical to that of an earlier call"),
        (one_twice, EACH, "the same shots for two programs"),
        (each_shot_four_times, EACH, "returned the same shots several times"),
    ],
)
def test_answers_that_come_again_are_refused(
    answered: Callable[[Answered, Answered], Answered], limits: Limits, said: str
) -> None:
    found = both(Buffered(answered, limits), RABI, RELAXATION)

    assert isinstance(found, BackendError)
    assert said in str(found)
    assert "before reading its buffer" in str(found)


@each_case("limits", [EACH, MEAN])
@each_case("second", [RABI, RELAXATION])
def test_equal_measurements_with_noise_of_their_own_are_answered(limits: Limits, second: Request) -> None:
    assert not isinstance(both(Buffered(right, limits), RABI, second), Exception)


def test_exact_means_may_repeat_with_the_programs() -> None:
    exact = Buffered(of_last_call, MEAN, noise=0.0)

    assert not isinstance(both(exact, RABI, RABI), Exception)


def test_states_that_the_instrument_tells_apart_may_repeat() -> None:
    laboratory = Buffered(told_apart, EACH)

    assert not isinstance(both(laboratory, SingleShots(0), SingleShots(1)), Exception)
