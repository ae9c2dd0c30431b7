"""Measurements that a program asks for: several in one call, each under a name declared by its task."""

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
    """Declaration of a measurement of a task.

    Attributes
    ----------
    request
        Kind of measurement that a laboratory must support.
    meaning
        Purpose in a few words.
    optional
        Whether the task can do without it if a laboratory does not support it.
    """

    request: type[Request]
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Next measurement of a program, in one call.

    Attributes
    ----------
    requests
        Requests by name; the answers are stored in the raw data under these names. A later one of the same
        name replaces it.
    shots
        Repetitions of each point.
    keep
        Whether the answers are kept.
    interval_us
        Wait after each shot if reset is passive, or None for that of the run.
    """

    requests: Mapping[str, Request]
    shots: int
    keep: bool = True
    interval_us: float | None = None


Program = Generator[Ask, Mapping[str, Trace | ShotRecord], Mapping[str, Any] | RawData]
"""Generator that yields measurements, is sent the answers by name, and returns attributes for the raw data,
or raw data.
"""

_Found = TypeVar("_Found")
_Wanted = TypeVar("_Wanted", Trace, ShotRecord)


def one(name: str, request: Request, shots: int) -> Generator[Ask, Mapping[str, Answer], Trace]:
    """Measure one sweep and return its trace: ``trace = yield from one("fine", Relaxation(delays_us),
    shots)``.
    """
    answers = yield Ask({name: request}, shots)
    return _of_kind(answers, name, Trace)


def each(
    requests: Mapping[str, Request], shots: int
) -> Generator[Ask, Mapping[str, Answer], Mapping[str, Trace]]:
    """Measure several sweeps in one call and return their traces by name."""
    answers = yield Ask(requests, shots)
    return {name: _of_kind(answers, name, Trace) for name in requests}


def every_shot(
    requests: Mapping[str, Request], shots: int, *, keep: bool = True
) -> Generator[Ask, Mapping[str, Answer], Mapping[str, ShotRecord]]:
    """Measure single shots in one call and return them by name."""
    answers = yield Ask(requests, shots, keep)
    return {name: _of_kind(answers, name, ShotRecord) for name in requests}


def beside_first(
    requests: Mapping[str, Request],
    wanted: Generator[Ask, Mapping[str, Answer], _Found],
    *,
    points_a_call: int | None = None,
) -> Generator[Ask, Mapping[str, Answer], _Found]:
    """Run the program `wanted`, with these requests placed first in its first call.

    They are omitted if the call would have more points than `points_a_call`.
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
    """Return whether one call takes all points of these requests; `points_a_call` is None for no limit."""
    return points_a_call is None or sum(request.points for request in requests) <= points_a_call


def in_calls(groups: Iterable[Mapping[str, Request]], points_a_call: int | None) -> list[dict[str, Request]]:
    """Group independent requests into as few calls as possible; those of a group stay together."""
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
