"""What a program asks a laboratory for: several measurements in one call, each under a name that its task declares."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task measures under a name, as it declares it.

    Attributes
    ----------
    request
        Kind of measurement: what a laboratory must answer.
    meaning
        What it is measured for, in a few words.
    optional
        Whether the task goes without it where a laboratory does not answer it.
    """

    request: type[Request]
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a program wants measured next, in one call.

    Attributes
    ----------
    requests
        By name; the answers are kept in the raw data under these names. A later one of the same name replaces them.
    shots
        Repetitions of each point.
    keep
        Whether the answers are kept.
    interval_us
        Wait after each shot when reset is passive; None: as the run asks.
    """

    requests: Mapping[str, Request]
    shots: int
    keep: bool = True
    interval_us: float | None = None


Program = Generator[Ask, Mapping[str, Trace | ShotRecord], Mapping[str, Any] | RawData]
"""Yields what it wants measured, is sent the answers by name, and returns attributes for the raw data, or raw data."""

_Found = TypeVar("_Found")
_Wanted = TypeVar("_Wanted", Trace, ShotRecord)


def one(name: str, request: Request, shots: int) -> Generator[Ask, Mapping[str, Answer], Trace]:
    """Ask for one sweep and return its trace: ``trace = yield from one("fine", Relaxation(delays_us), shots)``."""
    answers = yield Ask({name: request}, shots)
    return _of_kind(answers, name, Trace)


def each(
    requests: Mapping[str, Request], shots: int
) -> Generator[Ask, Mapping[str, Answer], Mapping[str, Trace]]:
    """Ask for several sweeps in one call and return their traces by name."""
    answers = yield Ask(requests, shots)
    return {name: _of_kind(answers, name, Trace) for name in requests}


def every_shot(
    requests: Mapping[str, Request], shots: int, *, keep: bool = True
) -> Generator[Ask, Mapping[str, Answer], Mapping[str, ShotRecord]]:
    """Ask for single shots in one call and return them by name."""
    answers = yield Ask(requests, shots, keep)
    return {name: _of_kind(answers, name, ShotRecord) for name in requests}


def beside_first(
    requests: Mapping[str, Request],
    wanted: Generator[Ask, Mapping[str, Answer], _Found],
    *,
    points_a_call: int | None = None,
) -> Generator[Ask, Mapping[str, Answer], _Found]:
    """Ask for what is wanted, and for these in its first call, before what it asks for there.

    They are left out where the call would have more points than `points_a_call`.
    """
    asked = next(wanted)
    together = {**requests, **asked.requests}
    has_room = fit_in_a_call(together.values(), points_a_call)
    answers = yield replace(asked, requests=together) if has_room else asked
    while True:
        try:
            asked = wanted.send(answers)
        except StopIteration as end:
            found: _Found = end.value
            return found
        answers = yield asked


def fit_in_a_call(requests: Iterable[Request], points_a_call: int | None) -> bool:
    """Return whether one call takes all points of these requests; `points_a_call` None: it takes any number."""
    return points_a_call is None or sum(request.points for request in requests) <= points_a_call


def in_calls(groups: Iterable[Mapping[str, Request]], points_a_call: int | None) -> list[dict[str, Request]]:
    """Put requests that wait for no answer into as few calls as take them; those of a group stay together."""
    calls: list[dict[str, Request]] = []
    most = math.inf if points_a_call is None else points_a_call
    points: float = math.inf
    for group in groups:
        size = sum(request.points for request in group.values())
        if points + size > most or not calls:
            calls.append({})
            points = 0
        calls[-1] |= group
        points += size
    return calls


def _of_kind(answers: Mapping[str, Answer], name: str, kind: type[_Wanted]) -> _Wanted:
    answer = answers[name]
    if not isinstance(answer, kind):
        raise TypeError(
            f"{name}: the request is answered by a {type(answer).__name__}, not a {kind.__name__}"
        )
    return answer
