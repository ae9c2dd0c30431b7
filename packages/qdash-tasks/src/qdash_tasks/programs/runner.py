"""Runner of programs: the next requests of all programs of a group form one call."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from qdash_core.errors import BackendError, PluginError
from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.precision import limit_precision
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK, Trace
from qdash_tasks.programs.cached_fits import FITS
from qdash_tasks.programs.passive_reset import measure_relaxed
from qdash_tasks.programs.projection import CALLS
from qdash_tasks.programs.raw_arrays import COMPLETE, AnswerArrays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots
    from qdash_tasks.programs.measurement_calls import MeasurementCall, MeasurementDeclaration, Program

_KEEP_EVERY_S = 5.0
_KEEPING_SHARE = 0.05
"""Share of the time that saving partial data may take: the more targets are measured together, the less often
they are saved.
"""


class ProgramTask(Protocol):
    """Task whose measurement is a program, for one target."""

    name: ClassVar[str]
    traces: ClassVar[Mapping[str, MeasurementDeclaration]]
    relaxed: ClassVar[bool]
    context: RunContext

    def program(self, laboratory: Laboratory) -> Program:
        """Choose the measurements."""
        ...


def run_together(laboratory: Laboratory, tasks: Sequence[ProgramTask]) -> list[RawData | Exception]:
    """Measure a group of tasks in rounds; return the raw data of each, or its exception. Touches hardware.

    A failure affects its own target only.
    """
    FITS.begin_measurement()
    _import_libraries()
    group = tuple(task.context.qid for task in tasks)
    running = [_RunningProgram.start(task, laboratory, group) for task in tasks]
    for member in running:
        member.advance(None)
    keeping = _PartialSaving()
    while waiting := [member for member in running if member.next_call is not None]:
        cancelled = any(member.task.context.cancelled for member in waiting)
        keeping.save_if_due(waiting, now=cancelled)
        if cancelled:
            reason = "the run was cancelled before the measurement was complete"
            return [
                BackendError(reason) if member.next_call is not None else member.outcome for member in running
            ]
        for shots, together in _group_by_shots(waiting).items():
            _measure(laboratory, together, shots)
    return [member.outcome for member in running]


@cache
def _import_libraries() -> tuple[ModuleType, ...]:
    """Import what most fits need, once, before the first call: no later call waits for it, and no two threads import parts of it at once."""
    import scipy.linalg.lapack
    import scipy.special

    return scipy.linalg.lapack, scipy.special


def _group_by_shots(waiting: Sequence[_RunningProgram]) -> dict[Shots, list[_RunningProgram]]:
    """Group programs by shots, which all targets of a call share."""
    groups: dict[Shots, list[_RunningProgram]] = {}
    for member in waiting:
        if member.next_call is not None:
            groups.setdefault(
                member.choose_repetition(member.next_call).make_shots(member.next_call.shots), []
            ).append(member)
    return groups


def _measure(laboratory: Laboratory, together: Sequence[_RunningProgram], shots: Shots) -> None:
    """Measure the next requests of programs in one call, and pass on the answers. Touches hardware."""
    requested = {
        member.task.context.qid: list(member.next_call.requests.values())
        for member in together
        if member.next_call is not None
    }
    answers = measure_targets(laboratory, requested, shots)
    for member in together:
        member.advance(answers[member.task.context.qid])


@dataclass(slots=True)
class _PartialSaving:
    """Timer for saving partial traces, which an interrupted run would lose."""

    at_s: float = field(default_factory=lambda: time.monotonic() + _KEEP_EVERY_S)

    def save_if_due(self, members: Sequence[_RunningProgram], *, now: bool) -> None:
        """Save the partial traces if it is time, or if `now` is set."""
        if not now and time.monotonic() <= self.at_s:
            return
        begun = time.monotonic()
        for member in members:
            member.task.context.partial(member.recording.make_raw_data({}))
        kept = time.monotonic()
        self.at_s = kept + max(_KEEP_EVERY_S, (kept - begun) / _KEEPING_SHARE)


@dataclass(slots=True)
class _RunningProgram:
    task: ProgramTask
    program: Program
    repetition: Repetition
    limits: Limits
    recording: AnswerArrays = field(default_factory=AnswerArrays)
    next_call: MeasurementCall | None = None
    began_s: float | None = None
    """Start of the last measurement, by the laboratory's clock."""
    calls: int = 0
    """Number of laboratory calls so far."""
    last: Repetition | None = None
    """Shot repetition of the last measurement."""
    outcome: RawData | Exception = field(default_factory=lambda: RuntimeError("the program has not ended"))

    @classmethod
    def start(cls, task: ProgramTask, laboratory: Laboratory, group: tuple[str, ...]) -> _RunningProgram:
        """Start the program of a task, without its first request; its context gets the reset in use and its group."""
        parameters = task.context.parameters
        limits = laboratory.limits
        repetition = Repetition.from_parameters(parameters, limits.resets)
        if parameters.get("interval") is None:
            repetition = repetition.with_least_interval(limits.shortest_interval_us)
        if "reset" in parameters:
            parameters = {**parameters, "reset": repetition.reset}
        task.context = replace(task.context, parameters=parameters, group=group)
        program = task.program(laboratory)
        if task.relaxed and repetition.reset == "passive":
            program = measure_relaxed(program, task.context, laboratory)
        return cls(task, program, repetition, limits)

    def choose_repetition(self, measurement: MeasurementCall) -> Repetition:
        """Return the shot repetition for a measurement."""
        if measurement.interval_us is None:
            return self.repetition
        return replace(self.repetition, interval_us=measurement.interval_us)

    def advance(self, answers: Sequence[Answer] | Exception | None) -> None:
        """Pass on the answers, or the exception in their place, and get the next measurement.

        A failure ends only this program. Before the first measurement `answers` is None.
        """
        try:
            if isinstance(answers, Exception):
                self._end(answers)
            elif self.next_call is None or answers is None:
                self.next_call = self._check_declared(next(self.program))
            else:
                self.next_call = self._check_declared(
                    self.program.send(self._record_answers(self.next_call, answers))
                )
        except StopIteration as end:
            self._end(self._make_raw_data(end.value))
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its group
            self._end(error)

    def _end(self, outcome: RawData | Exception) -> None:
        self.outcome, self.next_call = outcome, None

    def _check_declared(self, measurement: MeasurementCall) -> MeasurementCall:
        """Return the measurement without points that the limits would repeat; raise if `traces` does not declare it."""
        qid = self.task.context.qid
        requests = {}
        for name, request in measurement.requests.items():
            declared = self._find_declaration(name, request)
            if declared is None:
                raise PluginError(
                    f"{self.task.name} requests {type(request).__name__} under the name {name!r}: declare it in `traces`"
                )
            requests[name] = request.without_repeats(self.limits, qid)
            if declared.shuffled:
                # The same in a replay of a recording, which compares the requests.
                seed = zlib.crc32(f"{self.task.name} {qid} {name} {self.calls}".encode())
                requests[name] = requests[name].shuffled(seed)
        return replace(measurement, requests=requests)

    def _find_declaration(self, name: str, request: Request) -> MeasurementDeclaration | None:
        for pattern, declared in self.task.traces.items():
            if fnmatchcase(name, pattern) and isinstance(request, declared.request):
                return declared
        return None

    def _record_answers(self, requested: MeasurementCall, answers: Sequence[Answer]) -> Mapping[str, Answer]:
        """Record the answers in the precision of raw data, and return them by name."""
        named: dict[str, Answer] = {}
        self.last = self.choose_repetition(requested)
        self.calls += 1
        for (name, request), given in zip(requested.requests.items(), answers, strict=True):
            declared, answer, order = self._find_declaration(name, request), limit_precision(given), None
            if declared is not None and declared.shuffled and isinstance(answer, Trace):
                order = answer.x.argsort(kind="stable")
                answer = replace(answer.take(order), order=order)
            if requested.keep:
                self.recording.add(name, request, answer, order)
            self.began_s = answer.began_s
            named[name] = answer
        return named

    def _make_raw_data(self, returned: Mapping[str, Any] | RawData | None) -> RawData:
        """Return the raw data of a program that has ended."""
        clock = {} if self.began_s is None else {CLOCK: self.began_s}
        conditions = {**(self.last or self.repetition).attributes(), **clock, CALLS: self.calls}
        if isinstance(returned, RawData):
            return RawData(returned.arrays, {**conditions, **returned.attributes, COMPLETE: True})
        return self.recording.make_raw_data({**conditions, **(returned or {}), COMPLETE: True})
