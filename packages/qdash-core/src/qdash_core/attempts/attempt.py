"""One attempt at a task on one target: what it is given, what was measured, and what went wrong on the way."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.targets import qubits_of
from qdash_core.tasks.base import RunContext
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import as_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask, ChipView
    from qdash_core.tasks.inputs import ResolvedInput
    from qdash_core.tasks.run_parameters import RunParameter


@dataclass(slots=True, eq=False)
class Attempt:
    """One target's way through the executor; its result is written by the `TaskStateManager` alone."""

    result: TaskResultModel
    task_class: type[BaseTask]
    inputs: Mapping[str, ResolvedInput] = field(default_factory=dict)
    direction: tuple[str, str] = ("", "")
    """Of a coupling: the qubit that controls, and the other one."""
    task: BaseTask | None = None
    measured: object = None
    """What `run` returned."""
    output: object = None
    """What `postprocess` made of it."""
    failure: BaseException | None = None
    stage: str = ""
    """What was called when it failed."""
    module: str = ""
    """Where what was called is written."""
    time_is_up: bool = False
    """Whether its task is told to stop."""
    was_told: bool = False
    """Whether its task has asked, and heard that the run is being cancelled: what it gives then is a part at best."""

    def construct(
        self,
        parameters: Mapping[str, RunParameter],
        chip: ChipView,
        *,
        design: Mapping[str, Mapping[str, float]],
        partial: Callable[[RawData], None],
        cancelled: Callable[[], bool],
    ) -> BaseTask:
        """Make the instance of the task, and tell it what it knows about its run."""
        result = self.result
        control, target = self.direction
        self.task = task = self.task_class()
        task.context = RunContext(
            qid=result.qid,
            inputs={name: as_parameter(model) for name, model in result.input_parameters.items()},
            parameters={name: parameter.resolved() for name, parameter in parameters.items()},
            execution_id=result.execution_id,
            task_id=result.task_id,
            chip=chip,
            partial=partial,
            _cancelled=cancelled,
            control=control,
            target=target,
            design=_of_target(design, self.task_class, result.qid),
        )
        return task

    def fail(self, error: BaseException, stage: str = "", module: str = "") -> None:
        """Remember what went wrong first: the rest follows from it."""
        if self.failure is None:
            self.failure, self.stage, self.module = error, stage, module or self.task_class.__module__

    def reason(self) -> str:
        """Return why it failed, in one line."""
        assert self.failure is not None
        return failure_message(self.failure, stage=self.stage, module=self.module)

    def raise_if_told(self) -> None:
        """Cut the run here, as Ctrl-C would have done, when its task has heard that it is being cancelled.

        Raises
        ------
        KeyboardInterrupt
            Then.
        """
        if self.was_told:
            raise KeyboardInterrupt


def _of_target(
    design: Mapping[str, Mapping[str, float]], task: type[BaseTask], qid: str
) -> Mapping[str, Mapping[str, float]]:
    """Return the part of a chip's design values that a task sees on its target."""
    if task.task_type == "qubit":
        seen: tuple[str, ...] = (qid,)
    elif task.task_type == "coupling":
        seen = (qid, *qubits_of(qid))
    else:
        seen = tuple(design)
    return {target: design[target] for target in seen if target in design}


def unfailed(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return those that go on."""
    return [attempt for attempt in attempts if attempt.failure is None]


@contextmanager
def failing(*attempts: Attempt, stage: str, module: str = "") -> Iterator[None]:
    """Take what the code of a plugin raises as the failure of these attempts.

    `sys.exit` in a task must not end the night. What interrupts or cancels it passes.

    Parameters
    ----------
    stage : str
        What is called.
    module : str
        Where it is written; empty: where the task is.
    """
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001
        for attempt in attempts:
            attempt.fail(error, stage, module)
