"""Tasks that choose each measurement by what the last one showed, measured for many targets at a time.

A task is written for one target, as a program: it yields what it wants measured and gets back the answers, until it returns
what else is to be kept. A group of tasks goes round by round: what all of them want next is one call to the laboratory.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, final

from qdash_core.errors import AnalysisError, BackendError, PluginError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import ArrayDeclaration
from qdash_tasks.laboratory.backend import LABORATORY, laboratory_of
from qdash_tasks.laboratory.calls import measured
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK, ShotRecord, Trace

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qdash_core.backends.base import BaseBackend
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

_KEEP_EVERY_S = 5.0
_KEEPING_SHARE = 0.05
"""Of the time, that keeping what there is may take: the more targets are measured together, the rarer they are kept."""
_COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task measures under a name, as it declares it.

    Attributes
    ----------
    request
        Kind of measurement: what a laboratory must answer.
    meaning
        What it is measured for, in a few words.
    """

    request: type[Request]
    meaning: str


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
    """

    requests: Mapping[str, Request]
    shots: int
    keep: bool = True


Program = Generator[Ask, Mapping[str, Trace | ShotRecord], Mapping[str, Any] | RawData]
"""Yields what it wants measured, is sent the answers by name, and returns attributes for the raw data, or raw data."""

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


def _of_kind(answers: Mapping[str, Answer], name: str, kind: type[_Wanted]) -> _Wanted:
    answer = answers[name]
    if not isinstance(answer, kind):
        raise TypeError(
            f"{name}: the request is answered by a {type(answer).__name__}, not a {kind.__name__}"
        )
    return answer


@dataclass(slots=True)
class Recording:
    """The answers to one program so far, as raw data."""

    arrays: dict[str, tuple[ArrayLike, str]] = field(default_factory=dict)

    def keep(self, name: str, request: Request, answer: Answer) -> None:
        """Add one answer under a name; a later one of that name replaces it."""
        if isinstance(answer, ShotRecord):
            self.arrays[name] = (answer.iq, "a.u.")
            return
        x_name, x_unit = request.axis
        self.arrays[f"{name}_{x_name}"] = (answer.x, x_unit)
        if request.rows_axis is not None and answer.rows is not None:
            row_name, row_unit = request.rows_axis
            self.arrays[f"{name}_{row_name}"] = (answer.rows, row_unit)
        self.arrays[f"{name}_iq"] = (answer.iq, "a.u.")
        self.arrays[f"{name}_sigma"] = (answer.sigma, "a.u.")
        self.arrays[f"{name}_covariance"] = (answer.covariance, "a.u.^2")
        if answer.ends is not None:
            self.arrays[f"{name}_ends"] = (answer.ends, "")

    def raw(self, attributes: Mapping[str, Any]) -> RawData:
        """Return everything recorded."""
        return RawData(dict(self.arrays), attributes)


class LaboratoryTask(BaseTask):
    """Base of all tasks that measure through the port: on every backend that has one and answers their requests.

    An author gives the declarations of every task, `traces`, and writes `program`, `postprocess` and mostly `figure`.
    Raw data hold the answers (`Recording`), what the program returns, and as attributes how shots followed each other
    (`interval_us`, `reset`), when the last measurement began (`clock_s`), and `complete`.
    """

    simultaneous = True
    traces: ClassVar[Mapping[str, Measured]] = MappingProxyType({})
    """What the program asks for, by name, or by a pattern for several (`line_*`)."""

    def __init_subclass__(cls, **given: Any) -> None:
        """Derive from `traces` what a backend must offer, and which arrays the raw data have."""
        super().__init_subclass__(**given)
        if "traces" in cls.__dict__:
            kinds = (one.request.__name__ for one in cls.traces.values())
            cls.requires = frozenset({LABORATORY, *kinds})
            cls.arrays = MappingProxyType({**_declared(cls.traces), **cls.__dict__.get("arrays", {})})

    @abstractmethod
    def program(self, laboratory: Laboratory) -> Program:
        """Choose what is measured. Reads settings in use and limits, touches no hardware itself.

        What it refuses before its first `yield` is refused before anything is measured on any target of the group.
        """

    @final
    def run(self, backend: BaseBackend) -> RawData:
        """Measure this target alone. Touches hardware."""
        (outcome,) = self.run_group(backend, [self])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all targets, round by round. Touches hardware."""
        laboratory = laboratory_of(backend)
        group = tuple(task.context.qid for task in tasks)
        running = [_Running.of(task, laboratory, group) for task in tasks if isinstance(task, cls)]
        for member in running:
            member.advance(None)
        keeping = _Keeping()
        while wanted := [member for member in running if member.wants is not None]:
            cancelled = any(member.task.context.cancelled for member in wanted)
            keeping.keep(wanted, now=cancelled)
            if cancelled:
                reason = "the run was cancelled before the measurement was complete"
                return [
                    BackendError(reason) if member.wants is not None else member.outcome for member in running
                ]
            for shots, together in _alike(wanted).items():
                _measure(laboratory, together, shots)
        return [member.outcome for member in running]


def _declared(traces: Mapping[str, Measured]) -> dict[str, ArrayDeclaration]:
    """Return how the arrays of a `Recording` are declared, by name or pattern."""
    found: dict[str, ArrayDeclaration] = {}
    for name, one_of in traces.items():
        kind, meaning = one_of.request, one_of.meaning
        if kind.single_shots:
            found[name] = ArrayDeclaration("a.u.", f"{meaning}: every shot")
            continue
        axes = [kind.axis] if kind.rows_axis is None else [kind.axis, kind.rows_axis]
        for axis, unit in axes:
            found[f"{name}_{axis}"] = ArrayDeclaration(unit, f"{meaning}: {axis}")
        found[f"{name}_iq"] = ArrayDeclaration("a.u.", f"{meaning}: mean of the shots of each point")
        found[f"{name}_sigma"] = ArrayDeclaration(
            "a.u.", f"{meaning}: standard errors, of I in the real part and of Q in the imaginary one"
        )
        found[f"{name}_covariance"] = ArrayDeclaration(
            "a.u.^2", f"{meaning}: covariance of the means of I and Q"
        )
        if kind.has_ends:
            found[f"{name}_ends"] = ArrayDeclaration(
                "", f"{meaning}: which sequences were closed to end in 1"
            )
    return found


def require_complete(raw: RawData) -> RawData:
    """Return `raw`, or raise `AnalysisError` when its program was cut before it ended."""
    if not raw.attributes.get(_COMPLETE):
        raise AnalysisError("the measurement was cut before it was complete: measure again")
    return raw


def _alike(wanted: Sequence[_Running]) -> dict[Shots, list[_Running]]:
    """Split what is wanted into calls: shots, and how they follow each other, are common to all targets of one."""
    groups: dict[Shots, list[_Running]] = {}
    for member in wanted:
        if member.wants is not None:
            groups.setdefault(member.repetition.of(member.wants.shots), []).append(member)
    return groups


def _measure(laboratory: Laboratory, together: Sequence[_Running], shots: Shots) -> None:
    """Measure in one call what programs want, and give each its answers. Touches hardware."""
    asked = {
        member.task.context.qid: list(member.wants.requests.values())
        for member in together
        if member.wants is not None
    }
    found = measured(laboratory, asked, shots)
    for member in together:
        member.advance(found[member.task.context.qid])


@dataclass(slots=True)
class _Keeping:
    """When the traces so far are saved, should the run be cut."""

    at_s: float = field(default_factory=lambda: time.monotonic() + _KEEP_EVERY_S)

    def keep(self, members: Sequence[_Running], *, now: bool) -> None:
        """Save what there is when it is time, or `now`."""
        if not now and time.monotonic() <= self.at_s:
            return
        begun = time.monotonic()
        for member in members:
            member.task.context.partial(member.recording.raw({}))
        kept = time.monotonic()
        self.at_s = kept + max(_KEEP_EVERY_S, (kept - begun) / _KEEPING_SHARE)


@dataclass(slots=True)
class _Running:
    """One program on its way."""

    task: LaboratoryTask
    program: Program
    repetition: Repetition
    recording: Recording = field(default_factory=Recording)
    wants: Ask | None = None
    began_s: float | None = None
    """When the last measurement began, by the laboratory's clock."""
    outcome: RawData | Exception = field(default_factory=lambda: RuntimeError("the program has not ended"))

    @classmethod
    def of(cls, task: LaboratoryTask, laboratory: Laboratory, group: tuple[str, ...]) -> _Running:
        """Start the program of a task, without asking what it wants.

        Its context says which reset is played, and who is measured in one go with it.
        """
        parameters = task.context.parameters
        repetition = Repetition.asked_for(parameters, laboratory.limits.resets)
        if "reset" in parameters:
            parameters = {**parameters, "reset": repetition.reset}
        task.context = replace(task.context, parameters=parameters, group=group)
        return cls(task, task.program(laboratory), repetition)

    def advance(self, answers: Sequence[Answer] | Exception | None) -> None:
        """Hand over the answers that were asked for, and learn what is wanted next. One failure stays its own.

        Parameters
        ----------
        answers
            In the order of the requests, or why there are none; None: nothing was asked for yet.
        """
        try:
            if isinstance(answers, Exception):
                self._end(answers)
            elif self.wants is None or answers is None:
                self.wants = self._declared(next(self.program))
            else:
                self.wants = self._declared(self.program.send(self._kept(self.wants, answers)))
        except StopIteration as end:
            self._end(self._raw(end.value))
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its group
            self._end(error)

    def _end(self, outcome: RawData | Exception) -> None:
        self.outcome, self.wants = outcome, None

    def _declared(self, wanted: Ask) -> Ask:
        """Return what is wanted, or raise where `traces` does not say so: a backend without that kind would be offered it."""
        traces = self.task.traces.items()
        for name, request in wanted.requests.items():
            if traces and not any(
                fnmatchcase(name, pattern) and isinstance(request, declared.request)
                for pattern, declared in traces
            ):
                raise PluginError(
                    f"{self.task.name} asks for {type(request).__name__} under the name {name!r}: declare it in `traces`"
                )
        return wanted

    def _kept(self, asked: Ask, answers: Sequence[Answer]) -> Mapping[str, Answer]:
        """Record the answers to what was asked, and return them by name."""
        named = dict(zip(asked.requests, answers, strict=True))
        for name, answer in named.items():
            if asked.keep:
                self.recording.keep(name, asked.requests[name], answer)
            self.began_s = answer.began_s
        return named

    def _raw(self, returned: Mapping[str, Any] | RawData) -> RawData:
        """Return the raw data of a program that has ended."""
        clock = {} if self.began_s is None else {CLOCK: self.began_s}
        conditions = {**self.repetition.attributes(), **clock}
        if isinstance(returned, RawData):
            return RawData(returned.arrays, {**conditions, **returned.attributes, _COMPLETE: True})
        return self.recording.raw({**conditions, **returned, _COMPLETE: True})
