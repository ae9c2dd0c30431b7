"""Adaptive tasks, which choose each measurement from the last one and measure many targets at a time.

A task is a program for one target: it yields the requests of its next measurement and receives the answers, until it
returns further data to store. The next requests of a group of tasks are one call.
"""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, final

from qdash_core.tasks.base import BaseTask
from qdash_tasks.laboratory.backend import LABORATORY, get_laboratory
from qdash_tasks.programs.raw_arrays import declare_arrays
from qdash_tasks.programs.runner import run_together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, Program


class LaboratoryTask(BaseTask):
    """Base class of tasks that measure through the laboratory port, on every backend that supports their requests.

    An author defines the declarations of every task and `traces`, and implements `program`, `postprocess` and usually
    `figure`. Raw data hold the answers (`AnswerArrays`), the return value of the program, and as attributes the shot
    repetition (`interval_us`, `reset`), the start of the last measurement (`clock_s`), and `complete`.
    """

    simultaneous = True
    requires = frozenset({LABORATORY})
    """Required features: the port, and those from `traces` and from the author of a task."""
    traces: ClassVar[Mapping[str, MeasurementDeclaration]] = MappingProxyType({})
    """Measurements of the program by name, or by a pattern for several (`line_*`)."""
    relaxed: ClassVar[bool] = False
    """True if shots must start in |0>. With passive reset the interval then follows from T1
    (`programs.passive_reset`): for one qubit from a trace named `reference` (`passive_reset.T1_TRACE`), for a
    pair from the inputs `control_t1` and `target_t1`.
    """

    def __init_subclass__(cls, **given: Any) -> None:
        """Derive the required features of a backend, and the arrays of the raw data, from `traces`."""
        super().__init_subclass__(**given)
        if "traces" in cls.__dict__:
            kinds = (one.request.__name__ for one in cls.traces.values() if not one.optional)
            cls.requires = frozenset({LABORATORY, *kinds, *cls.__dict__.get("requires", ())})
            cls.arrays = MappingProxyType({**declare_arrays(cls.traces), **cls.__dict__.get("arrays", {})})

    @abstractmethod
    def program(self, laboratory: Laboratory) -> Program:
        """Choose the measurements. Reads settings in use and limits; touches no hardware itself.

        A rejection before its first `yield` comes before any target of the group is measured.
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
        return run_together(get_laboratory(backend), [task for task in tasks if isinstance(task, cls)])
