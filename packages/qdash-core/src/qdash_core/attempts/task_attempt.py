"""Task attempt: one try at one task on one target, and the limits on its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import AnalysisError, NoSignalError, QDashError
from qdash_core.models.targets import split_coupling
from qdash_core.process.time_limits import call_within
from qdash_core.tasks.base import RunContext
from qdash_core.tasks.failures import describe_failure
from qdash_core.tasks.inputs import to_parameter

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import InputModel, TaskResultModel
    from qdash_core.tasks.base import BaseTask, ChipView
    from qdash_core.tasks.inputs import ResolvedInput
    from qdash_core.tasks.run_parameters import RunParameter


T = TypeVar("T")


@dataclass(slots=True, eq=False)
class TaskAttempt:
    """One try at one task on one target. Only the `TaskStateManager` changes its result."""

    result: TaskResultModel
    task_class: type[BaseTask]
    inputs: Mapping[str, ResolvedInput] = field(default_factory=dict)
    direction: tuple[str, str] = ("", "")
    """Controlling and other qubit of a coupling."""
    task: BaseTask | None = None
    measured: object = None
    """Return value of `run`."""
    output: object = None
    """Return value of `postprocess`."""
    failure: BaseException | None = None
    stage: str = ""
    """Name of the call that failed."""
    module: str = ""
    """Module of the code that failed."""
    timed_out: bool = False
    """Its time limit has passed: `context.cancelled` is true."""
    saw_cancel: bool = False
    """The task has read `context.cancelled` as true because the run is being cancelled: its data may be incomplete."""

    def create_task(
        self,
        parameters: Mapping[str, RunParameter],
        chip: ChipView,
        *,
        design: Mapping[str, Mapping[str, float]],
        is_starting: Callable[[InputModel], bool] = lambda _: False,
        partial: Callable[[RawData], None],
        cancelled: Callable[[], bool],
    ) -> BaseTask:
        """Create the instance of the task and set its context."""
        result = self.result
        control, target = self.direction
        self.task = task = self.task_class()
        task.context = RunContext(
            qid=result.qid,
            inputs={
                name: to_parameter(model, self._get_unit(name))
                for name, model in result.input_parameters.items()
                if not (model.undeclared or model.from_laboratory)
            },
            parameters={name: parameter.resolved() for name, parameter in parameters.items()},
            execution_id=result.execution_id,
            task_id=result.task_id,
            chip=chip,
            partial=partial,
            _cancelled=cancelled,
            control=control,
            target=target,
            design=_select_design(design, self.task_class, result.qid),
            _is_starting=lambda name: is_starting(result.input_parameters[name]),
        )
        return task

    def _get_unit(self, name: str) -> str | None:
        """Return the unit in which the task declares an input, or None."""
        declared = self.task_class.input_parameters.get(name)
        return None if declared is None else declared.unit

    def fail(self, error: BaseException, stage: str = "", module: str = "") -> None:
        """Keep the first failure: later ones follow from it."""
        if self.failure is None:
            self.failure, self.stage, self.module = error, stage, module or self.task_class.__module__

    @property
    def failed_in_analysis(self) -> bool:
        """True if its measurement was complete and the analysis failed on its data.

        Numerical errors of the analysis count, errors of the program do not. A task whose library analyses while it measures raises
        `AnalysisError` in `run`.
        """
        if isinstance(self.failure, AnalysisError):
            return self.stage in ("run", "run_group", "postprocess")
        numerical = ArithmeticError, ValueError, RuntimeError
        return (
            self.stage == "postprocess"
            and isinstance(self.failure, numerical)
            and not isinstance(self.failure, QDashError)
        )

    @property
    def lacks_signal(self) -> bool:
        """True if the analysis found that noise alone explains the data of its complete measurement."""
        return self.failed_in_analysis and isinstance(self.failure, NoSignalError)

    def reason(self) -> str:
        """Return the reason of its failure in one line."""
        assert self.failure is not None
        return describe_failure(self.failure, stage=self.stage, module=self.module)

    def raise_if_cancelled(self) -> None:
        """Raise KeyboardInterrupt, as Ctrl-C would, if its task has seen that the run is being cancelled."""
        if self.saw_cancel:
            raise KeyboardInterrupt


def _select_design(
    design: Mapping[str, Mapping[str, float]], task: type[BaseTask], qid: str
) -> Mapping[str, Mapping[str, float]]:
    """Return the design values that a task sees on its target."""
    if task.task_type == "qubit":
        seen: tuple[str, ...] = (qid,)
    elif task.task_type == "coupling":
        seen = (qid, *split_coupling(qid))
    else:
        seen = tuple(design)
    return {target: design[target] for target in seen if target in design}


def select_unfailed(attempts: Sequence[TaskAttempt]) -> list[TaskAttempt]:
    """Return the task attempts that have not failed."""
    return [attempt for attempt in attempts if attempt.failure is None]


class record_failures:  # noqa: N801  a block, entered eight times in each task
    """Block in which an exception of a plugin's code becomes the failure of these task attempts.

    `SystemExit` counts as a failure; KeyboardInterrupt passes. `stage` is the name of the call. `module` is the
    module of the called code; empty for that of the task.
    """

    def __init__(self, *attempts: TaskAttempt, stage: str, module: str = "") -> None:
        self._attempts, self._stage, self._module = attempts, stage, module

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        if not isinstance(error, (Exception, SystemExit)):
            return False
        for attempt in self._attempts:
            attempt.fail(error, self._stage, self._module)
        return True


@dataclass(frozen=True, slots=True)
class Watchdog:
    """Time limits of tasks, and their answer to a cancelled run.

    A task may take `grace_s` seconds to stop after its time limit; then its results are marked as failed, and `stuck`
    is called with the reason, in another thread, to end the run. `cancelled` is set when the run is being cancelled.
    """

    states: TaskStateManager
    cancelled: threading.Event
    grace_s: float
    stuck: Callable[[str], None]

    def call_within(
        self, timeout_s: float, attempts: Sequence[TaskAttempt], work: Callable[[], T], what: str
    ) -> T:
        """Call `work` for these task attempts within a time limit. Raises as `time_limits.call_within`."""

        def time_up() -> None:
            for attempt in attempts:
                attempt.timed_out = True

        def stuck(message: str) -> None:
            for attempt in attempts:
                self.states.update_task_status_to_failed(attempt.result, message)
            self.stuck(message)

        return call_within(timeout_s, work, what=what, time_up=time_up, grace_s=self.grace_s, stuck=stuck)

    def should_stop(self, attempt: TaskAttempt) -> bool:
        """Return whether the task must stop: the value of its `context.cancelled`."""
        if not attempt.timed_out and self.cancelled.is_set():
            attempt.saw_cancel = True
        return attempt.timed_out or attempt.saw_cancel
