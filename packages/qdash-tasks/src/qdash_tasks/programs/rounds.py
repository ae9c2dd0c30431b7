"""Tasks that choose each measurement by what the last one showed, measured for many targets at a time.

A task is written for one target, as a program: it yields what it wants measured and gets back the answers, until it returns
what else is to be kept. A group of tasks goes round by round: what all of them want next is one call to the laboratory.
"""

from __future__ import annotations

from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, final

from qdash_core.tasks.base import BaseTask
from qdash_tasks.laboratory.backend import LABORATORY, laboratory_of
from qdash_tasks.programs.recording import arrays_of
from qdash_tasks.programs.runner import run_together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.asks import Measured, Program


class LaboratoryTask(BaseTask):
    """Base of all tasks that measure through the port: on every backend that has one and answers their requests.

    An author gives the declarations of every task, `traces`, and writes `program`, `postprocess` and mostly `figure`.
    Raw data hold the answers (`Recording`), what the program returns, and as attributes how shots followed each other
    (`interval_us`, `reset`), when the last measurement began (`clock_s`), and `complete`.
    """

    simultaneous = True
    requires = frozenset({LABORATORY})
    """The port, and what `traces` and the author of a task add."""
    traces: ClassVar[Mapping[str, Measured]] = MappingProxyType({})
    """What the program asks for, by name, or by a pattern for several (`line_*`)."""
    relaxed: ClassVar[bool] = False
    """Whether shots have to begin in |0>. With passive reset the interval then follows from T1 (`programs.passive_reset`): of
    one qubit from a trace named `reference` (`passive_reset.T1_TRACE`), of a pair from the inputs `control_t1` and `target_t1`."""

    def __init_subclass__(cls, **given: Any) -> None:
        """Derive from `traces` what a backend must offer, and which arrays the raw data have."""
        super().__init_subclass__(**given)
        if "traces" in cls.__dict__:
            kinds = (one.request.__name__ for one in cls.traces.values() if not one.optional)
            cls.requires = frozenset({LABORATORY, *kinds, *cls.__dict__.get("requires", ())})
            cls.arrays = MappingProxyType({**arrays_of(cls.traces), **cls.__dict__.get("arrays", {})})

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
        return run_together(laboratory_of(backend), [task for task in tasks if isinstance(task, cls)])
