"""Tasks that choose each sweep by what the last one showed, measured for many qubits at a time.

A task is written for one qubit, as a program: it yields the sweep that it wants and gets back its trace, until it
returns the raw data. A group of tasks goes round by round: what all of them want next is one call to the session.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Unpack

from qdash_core.errors import AnalysisError, BackendError
from qdash_core.models.raw_data import RawData
from qdash_tasks.figures.raw_traces import raw_traces
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK
from qdash_tasks.programs.grouped import GroupedTask
from qdash_tasks.programs.requested_sweeps import requested_sweep

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask, TaskOutput
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.shots import Shots
    from qdash_tasks.laboratory.trace import Trace

_KEEP_EVERY_S = 5.0
_KEEPING_SHARE = 0.05
"""Of the time, that keeping what there is may take: the more targets are measured together, the rarer they are kept."""
_COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a program wants measured next.

    Attributes
    ----------
    name
        Under which the trace is kept in the raw data.
    x
        The sweep, in the session's unit.
    shots
        Repetitions of each point.
    knob
        What else the measurement needs: drive amplitude or artificial detuning.
    kind
        The task's own measurement, a T1 trace that tells whether the wait is long enough, or a Ramsey trace that tells
        whether the drive is on resonance.
    rows
        Second axis of a map, in the session's unit; None: a single trace.
    axis
        Name and unit of the sweep where they are not the task's usual ones.
    beside
        Qubits that play meanwhile, read or not.
    """

    name: str
    x: NDArray[np.float64]
    shots: int
    knob: float = 0.0
    kind: Literal["own", "t1", "ramsey"] = "own"
    rows: NDArray[np.float64] | None = None
    axis: tuple[str, str] | None = None
    beside: frozenset[str] = frozenset()


Program = Generator[Sweep, "Trace", Mapping[str, Any]]
"""Yields sweeps, is sent their traces, returns the attributes of the raw data."""


@dataclass(slots=True)
class Recording:
    """The traces of one program so far, as raw data."""

    x_name: str
    x_unit: str
    row_name: str = ""
    row_unit: str = ""
    arrays: dict[str, tuple[ArrayLike, str]] = field(default_factory=dict)

    def keep(self, sweep: Sweep, trace: Trace) -> None:
        """Add one trace under the name of its sweep; a later one of that name replaces it."""
        usual = (self.x_name, self.x_unit) if sweep.kind == "own" else ("delay", "us")
        x_name, x_unit = sweep.axis or usual
        self.arrays[f"{sweep.name}_{x_name}"] = (trace.x, x_unit)
        if sweep.rows is not None:
            self.arrays[f"{sweep.name}_{self.row_name}"] = (sweep.rows, self.row_unit)
        self.arrays[f"{sweep.name}_iq"] = (trace.iq, "a.u.")
        self.arrays[f"{sweep.name}_sigma"] = (trace.sigma, "a.u.")
        self.arrays[f"{sweep.name}_covariance"] = (trace.covariance, "a.u.^2")

    def raw(self, attributes: Mapping[str, Any]) -> RawData:
        """Return everything recorded."""
        return RawData(dict(self.arrays), attributes)


class RoundsTask(GroupedTask):
    """Base of the tasks that are written as a program."""

    x_name: ClassVar[str] = "delay"
    x_unit: ClassVar[str] = "us"
    row_name: ClassVar[str] = ""
    """Second axis of the task's maps."""
    row_unit: ClassVar[str] = ""
    fewest_points: ClassVar[Mapping[str, int]] = MappingProxyType({})
    """How many different values a sweep must have that somebody asks for, by run parameter."""

    @property
    def repetition(self) -> Repetition:
        """How shots follow each other, as the run parameters ask for."""
        return Repetition.asked_for(self.context.parameters)

    def conditions(self) -> dict[str, Any]:
        """Return under what the traces are measured, as attributes of the raw data."""
        return self.repetition.attributes()

    @abstractmethod
    def program(self, session: Session) -> Program:
        """Choose the sweeps. Reads settings in use, touches no hardware itself."""

    @classmethod
    @abstractmethod
    def measure(
        cls, session: Session, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]
    ) -> Mapping[str, Trace]:
        """Measure one sweep of each qubit in one call. Touches hardware."""

    @classmethod
    @abstractmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the data with the fit that gave `output`."""

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the result with its fit and its values; when the analysis refused the data, the data alone."""
        if output.parameters:
            return with_values(cls.drawn(raw, output), cls, output)
        return raw_traces(raw, x_name=cls.x_name, x_unit=cls.x_unit)

    def require_measurable(self) -> None:
        """Raise where nothing could be made of what is asked for: of sweeps that are too short for the analysis."""
        for name in self.fewest_points:
            self.asked(name)

    def asked(self, name: str) -> NDArray[np.float64] | None:
        """Return the sweep that run parameter `name` asks for; None: the task chooses."""
        return requested_sweep(self.context, name, fewest=self.fewest_points.get(name, 1))

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all targets, round by round. Touches hardware."""
        session: Session = backend.get_instance()
        members = [task for task in tasks if isinstance(task, cls)]
        axes = cls.x_name, cls.x_unit, cls.row_name, cls.row_unit
        running = [_Running(task, task.program(session), Recording(*axes)) for task in members]
        for one in running:
            one.advance(None)
        keep_at = time.monotonic() + _KEEP_EVERY_S
        while wanted := [one for one in running if one.wants is not None]:
            cancelled = any(one.task.context.cancelled for one in wanted)
            if cancelled or time.monotonic() > keep_at:
                begun = time.monotonic()
                for one in wanted:
                    one.keep_partial()
                kept = time.monotonic()
                keep_at = kept + max(_KEEP_EVERY_S, (kept - begun) / _KEEPING_SHARE)
            if cancelled:
                reason = "the run was cancelled before the measurement was complete"
                return [BackendError(reason) if one.wants is not None else one.outcome for one in running]
            for together in _alike(wanted):
                cls._measure_together(session, together)
        return [one.outcome for one in running]

    @classmethod
    def _measure_together(cls, session: Session, together: Sequence[_Running]) -> None:
        """Measure in one call what programs want that want the like, and give each its trace. Touches hardware."""
        sweeps = {one.task.context.qid: one.wants for one in together if one.wants is not None}
        first = next(iter(sweeps.values()))
        measure = {"own": cls.measure, "t1": measure_t1, "ramsey": measure_ramsey}[first.kind]
        begun_s = {qid: session.laboratory.now_s(qid) for qid in sweeps}
        traces = measure(session, sweeps, **together[0].task.repetition.of(first.shots))
        for one in together:
            one.clock_s = begun_s[one.task.context.qid]
            one.advance(traces[one.task.context.qid])


def measure_t1(session: Session, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]) -> Mapping[str, Trace]:
    """Measure one T1 trace of each qubit. Touches hardware."""
    delays = {qid: sweep.x for qid, sweep in sweeps.items()}
    return session.t1(delays, **how)


def measure_ramsey(
    session: Session, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]
) -> Mapping[str, Trace]:
    """Measure one Ramsey trace of each qubit. Touches hardware."""
    return session.ramsey(
        {qid: sweep.x for qid, sweep in sweeps.items()},
        detuning_mhz={qid: sweep.knob for qid, sweep in sweeps.items()},
        **how,
    )


def require_complete(raw: RawData) -> RawData:
    """Return `raw`, or raise `AnalysisError` when its program was cut before it ended."""
    if not raw.attributes.get(_COMPLETE):
        raise AnalysisError("the measurement was cut before it was complete: measure again")
    return raw


@dataclass(slots=True)
class _Running:
    """One program on its way."""

    task: RoundsTask
    program: Program
    recording: Recording
    wants: Sweep | None = None
    clock_s: float = 0.0
    """When the last sweep was measured, by the laboratory's clock."""
    outcome: RawData | Exception = field(default_factory=lambda: RuntimeError("the program has not ended"))

    def keep_partial(self) -> None:
        """Save the traces so far, should the run be cut."""
        self.task.context.partial(self.recording.raw({}))

    def advance(self, trace: Trace | None) -> None:
        """Hand over the trace that was asked for, and learn what is wanted next. One failure stays its own."""
        try:
            if trace is None:
                self.task.require_measurable()
                self.wants = next(self.program)
                return
            if self.wants is not None:
                self.recording.keep(self.wants, trace)
            self.wants = self.program.send(trace)
        except StopIteration as end:
            conditions = {**self.task.conditions(), CLOCK: self.clock_s}
            attributes = {**conditions, **end.value, _COMPLETE: True}
            self.outcome, self.wants = self.recording.raw(attributes), None
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its group
            self.outcome, self.wants = error, None


def _alike(wanted: Sequence[_Running]) -> list[list[_Running]]:
    """Split what is wanted into calls: kind, shots and their repetition are common to all targets of one."""
    groups: dict[tuple[str, int, Repetition], list[_Running]] = {}
    for one in wanted:
        if one.wants is not None:
            key = one.wants.kind, one.wants.shots, one.task.repetition
            groups.setdefault(key, []).append(one)
    return list(groups.values())
