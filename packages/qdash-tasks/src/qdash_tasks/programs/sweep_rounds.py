"""Tasks whose program yields sweeps, which each task turns into requests."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from qdash_tasks.figures.raw_traces import raw_traces
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.laboratory.requests import Ramsey, Relaxation
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.programs.requested_sweeps import requested_sweep
from qdash_tasks.programs.rounds import Ask, LaboratoryTask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace


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
    beside
        Qubits that play meanwhile, read or not.
    """

    name: str
    x: NDArray[np.float64]
    shots: int
    knob: float = 0.0
    kind: Literal["own", "t1", "ramsey"] = "own"
    rows: NDArray[np.float64] | None = None
    beside: frozenset[str] = frozenset()

    def request(self) -> Request:
        """Return it as a request, where the sweep alone says what is measured."""
        raise NotImplementedError


Program = Generator[Sweep, "Trace", Mapping[str, Any]]
"""Yields sweeps, is sent their traces, returns the attributes of the raw data."""


class RoundsTask(LaboratoryTask):
    """Base of the tasks that are written as a program of sweeps."""

    backend = "fake"
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
    def sweeps(self, laboratory: Laboratory) -> Program:
        """Choose the sweeps. Reads settings in use, touches no hardware itself."""

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  most take what is in use
        """Return the task's own measurement of a sweep as a request."""
        return sweep.request()

    def program(self, laboratory: Laboratory) -> Generator[Ask, Mapping[str, Answer], Mapping[str, Any]]:
        """Ask for one sweep after the other."""
        self.require_measurable()
        sweeps = self.sweeps(laboratory)
        try:
            sweep = next(sweeps)
            while True:
                answers = yield Ask({sweep.name: self._requested(laboratory, sweep)}, sweep.shots)
                sweep = sweeps.send(answers[sweep.name])  # type: ignore[arg-type]  # no sweep asks for single shots
        except StopIteration as end:
            return {**self.conditions(), **end.value}

    def _requested(self, laboratory: Laboratory, sweep: Sweep) -> Request:
        if sweep.kind == "t1":
            return Relaxation(sweep.x)
        if sweep.kind == "ramsey":
            return Ramsey(sweep.x, sweep.knob)
        return self.request_of(laboratory, sweep)

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
