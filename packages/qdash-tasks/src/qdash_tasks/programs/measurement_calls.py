"""Measurements that a program requests: several in one call, each under a name declared by its task."""

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
class MeasurementDeclaration:
    """Declaration of a measurement of a task.

    Attributes
    ----------
    shuffled
        Whether the points are measured in a random order, so that what changes with time is scatter. Answers are in the
        order of the sweep; the array ``{name}_order`` has the place of each point in time, from 0.
    """

    request: type[Request]
    meaning: str
    optional: bool = False
    shuffled: bool = False


@dataclass(frozen=True, slots=True)
class MeasurementCall:
    """Next measurement of a program, in one call.

    Attributes
    ----------
    requests
        Requests by name, under which the answers are stored; a later one of the same name replaces it.
    interval_us
        Wait after each shot if reset is passive, or None for that of the run.
    """

    requests: Mapping[str, Request]
    shots: int
    keep: bool = True
    interval_us: float | None = None


Program = Generator[MeasurementCall, Mapping[str, Trace | ShotRecord], Mapping[str, Any] | RawData | None]
"""Generator that yields measurements and is sent the answers by name; it may return attributes for the raw data, or raw data."""

_Result = TypeVar("_Result")
_AnswerKind = TypeVar("_AnswerKind", Trace, ShotRecord)


def measure_trace(
    name: str, request: Request, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], Trace]:
    """Measure one sweep and return its trace.

    ``trace = yield from measure_trace("fine", Relaxation(delays_us), shots)``.
    """
    answers = yield MeasurementCall({name: request}, shots)
    return _require_kind(answers, name, Trace)


def measure_traces(
    requests: Mapping[str, Request], shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Trace]]:
    """Measure several sweeps in one call and return their traces by name."""
    answers = yield MeasurementCall(requests, shots)
    return {name: _require_kind(answers, name, Trace) for name in requests}


def measure_shots(
    requests: Mapping[str, Request], shots: int, *, keep: bool = True
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, ShotRecord]]:
    """Measure single shots in one call and return them by name."""
    answers = yield MeasurementCall(requests, shots, keep)
    return {name: _require_kind(answers, name, ShotRecord) for name in requests}


def add_to_first_call(
    requests: Mapping[str, Request],
    program: Generator[MeasurementCall, Mapping[str, Answer], _Result],
    *,
    points_a_call: int | None = None,
) -> Generator[MeasurementCall, Mapping[str, Answer], _Result]:
    """Run a program, with these requests first in its first call, unless that had more than `points_a_call` points."""
    call = next(program)
    together = {**requests, **call.requests}
    has_room = fits_in_call(together.values(), points_a_call)
    answers = yield replace(call, requests=together) if has_room else call
    while True:
        try:
            call = program.send(answers)
        except StopIteration as end:
            result: _Result = end.value
            return result
        answers = yield call


def fits_in_call(requests: Iterable[Request], points_a_call: int | None) -> bool:
    """Return whether one call takes all points of these requests; `points_a_call` is None for no limit."""
    return points_a_call is None or sum(request.points for request in requests) <= points_a_call


def group_into_calls(
    groups: Iterable[Mapping[str, Request]], points_a_call: int | None
) -> list[dict[str, Request]]:
    """Distribute groups of requests over as few calls as possible; each group stays together."""
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


def _require_kind(answers: Mapping[str, Answer], name: str, kind: type[_AnswerKind]) -> _AnswerKind:
    answer = answers[name]
    if not isinstance(answer, kind):
        raise TypeError(
            f"{name}: the laboratory answered with a {type(answer).__name__}, not a {kind.__name__}"
        )
    return answer
