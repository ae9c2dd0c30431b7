"""Task executor: the steps of a task attempt in order, repeated after transient errors."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.measurement import TaskMeasurement, read_library_note
from qdash_core.attempts.missed_signals import may_miss_signal
from qdash_core.attempts.task_attempt import TaskAttempt, record_failures, select_unfailed
from qdash_core.errors import QDashError, StoreError, TaskStuckError
from qdash_core.models.task import RunParameterModel, TaskResultModel, TaskStatus
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.tasks.base import BaseTask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.attempts.journal import Journal
    from qdash_core.attempts.measurement import MeasurementSetup
    from qdash_core.attempts.result_processor import ResultProcessor
    from qdash_core.attempts.task_attempt import Watchdog
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.inputs import Inputs
    from qdash_core.tasks.run_parameters import RunParameter

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
"""Pause before the first retry; each further pause is twice as long."""
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class TaskExecutor:
    """Executor of tasks: start, measure, analyse, judge and record.

    `starting` is called with each task attempt that is recorded as running, before it measures.
    """

    setup: MeasurementSetup
    inputs: Inputs
    journal: Journal
    processor: ResultProcessor
    watchdog: Watchdog
    starting: Callable[[TaskResultModel], None] = lambda _: None

    def run(
        self,
        task: type[BaseTask],
        results: Sequence[TaskResultModel],
        parameters: Mapping[str, RunParameter],
        given: Mapping[str, Parameter],
        *,
        confirming: Collection[str] = (),
    ) -> list[TaskResultModel]:
        """Run `task` for each of `results`, in one measurement where it is simultaneous, and record every attempt.

        The targets that failed with a transient error of the backend are tried again, together, up to `task.retries`
        times. Return the last task attempt on each target, in the order of `results`: completed or failed. A failure
        concerns its own target only.

        `given` has the inputs that the run gives the task, by declared name. `confirming` has the targets whose
        measurement just before showed no signal.

        Raises
        ------
        TaskStuckError
            If the task did not stop after its time limit. The run has been ended.
        """
        writes_accepted = task.accepted is not BaseTask.accepted
        measurement = TaskMeasurement(self.setup, self.journal, self.watchdog, self.inputs.values)
        retries = RetryPolicy(task.retries, self.setup.backend)
        last = {result.qid: result for result in results}
        waiting = list(results)
        while waiting:
            attempts = [self._start(task, result, parameters, given) for result in waiting]
            self.journal.recorder.record_state(waiting)
            for attempt in select_unfailed(attempts):
                self.starting(attempt.result)
            measurement.measure(task, attempts, parameters)
            again = self._select_for_retry(attempts, retries)
            note = read_library_note(self.setup.backend) if select_unfailed(attempts) else None
            for attempt in attempts:
                self._analyse(attempt)
                accepting = partial(self._report_acceptance, attempt) if writes_accepted else None
                self.processor.judge(attempt, accepting=accepting)
                if writes_accepted and attempt.failure is None:
                    note = read_library_note(self.setup.backend)
                if attempt.failure is not None:
                    reason = attempt.reason()
                    if attempt.lacks_signal and attempt.result.qid in confirming:
                        reason += ", in two measurements in a row"
                    self._fail(attempt, retries.describe(reason, again=attempt in again))
                self.journal.record(attempt.result, note)
            following = self._make_next_attempts(again, retries) if again else []
            last |= {result.qid: result for result in following}
            waiting = [result for result in following if result.status is TaskStatus.SCHEDULED]
        return [last[result.qid] for result in results]

    def _start(
        self,
        task: type[BaseTask],
        result: TaskResultModel,
        parameters: Mapping[str, RunParameter],
        given: Mapping[str, Parameter],
    ) -> TaskAttempt:
        """Resolve the inputs and move the result to running. A missing input fails the task attempt."""
        attempt = TaskAttempt(result, task, direction=self.inputs.get_direction(task, result.qid))
        try:
            attempt.inputs = self.inputs.resolve(task, result.qid, given)
        except StoreError:
            raise
        except QDashError as error:
            attempt.fail(error)
        states = self.journal.states
        states.put_control(result, attempt.direction[0])
        states.put_input_parameters(result, {name: one.model for name, one in attempt.inputs.items()})
        states.put_run_parameters(result, {name: _run_model(value) for name, value in parameters.items()})
        states.start_task(result)
        return attempt

    def _analyse(self, attempt: TaskAttempt) -> None:
        task = attempt.task
        if attempt.failure is not None or task is None:
            return
        with record_failures(attempt, stage="postprocess"):
            work = partial(task.postprocess, self.setup.backend, attempt.measured)
            attempt.output = self.watchdog.call_within(
                task.timeout_s, [attempt], work, f"{task.name}.postprocess"
            )
            attempt.raise_if_cancelled()

    def _report_acceptance(self, attempt: TaskAttempt) -> None:
        task = attempt.task
        assert task is not None
        with record_failures(attempt, stage="accepted"):
            work = partial(task.accepted, self.setup.backend)
            self.watchdog.call_within(task.timeout_s, [attempt], work, f"{task.name}.accepted")
            attempt.raise_if_cancelled()

    def _fail(self, attempt: TaskAttempt, reason: str) -> None:
        result, failure = attempt.result, attempt.failure
        if isinstance(failure, TaskStuckError):
            raise failure  # the run has been ended, and this result with it
        complete = attempt.failed_in_analysis and not _is_transient(failure, self.setup.backend)
        self.journal.states.update_task_status_to_failed(
            result,
            reason,
            measurement_complete=complete,
            no_signal=complete and self._shows_absence(attempt),
        )
        if not isinstance(failure, QDashError):
            logger.info("%s on %s failed", result.name, result.qid, exc_info=failure)

    def _shows_absence(self, attempt: TaskAttempt) -> bool:
        """Return whether a complete measurement shows that the signal of its target is absent."""
        if not attempt.lacks_signal:
            return False
        values = self.inputs.values.get_values(attempt.result.qid)
        return not may_miss_signal(attempt.task_class, attempt.result, attempt.measured, values)

    def _select_for_retry(self, attempts: Sequence[TaskAttempt], retries: RetryPolicy) -> list[TaskAttempt]:
        if self.watchdog.cancelled.is_set():
            return []
        return [attempt for attempt in attempts if retries.allows_retry(attempt.failure)]

    def _make_next_attempts(
        self, failed: Sequence[TaskAttempt], retries: RetryPolicy
    ) -> list[TaskResultModel]:
        """Wait, then return the results of the next task attempts: scheduled, or cancelled if the run was cancelled meanwhile."""
        following = self.journal.add_attempts([attempt.result for attempt in failed])
        with allow_interrupts():
            self.watchdog.cancelled.wait(retries.count_attempt())
        if self.watchdog.cancelled.is_set():
            for result in following:
                self.journal.states.update_task_status_to_cancelled(
                    result, "cancelled before it was tried again"
                )
                self.journal.record(result)
        return following


def _run_model(parameter: RunParameter) -> RunParameterModel:
    return RunParameterModel(
        value=parameter.value,
        value_type=parameter.value_type,
        unit=parameter.unit,
        description=parameter.description,
    )


class RetryPolicy:
    """Retries of one task on one group of targets: after which errors, how often, and with which pauses.

    `backend` declares which errors are transient.
    """

    def __init__(self, retries: int, backend: BaseBackend) -> None:
        self._backend = backend
        self._most = 1 + max(0, retries)
        self._number = 1

    def allows_retry(self, failure: BaseException | None) -> bool:
        """Return whether another task attempt may follow this failure."""
        return failure is not None and self._number < self._most and _is_transient(failure, self._backend)

    def describe(self, message: str, *, again: bool) -> str:
        """Return the reason of a failure, with the number of the task attempt if there are several."""
        if not again and self._number == 1:
            return message
        numbered = f"attempt {self._number} of {self._most}: {message}"
        return f"{numbered}; tried again" if again else numbered

    def count_attempt(self) -> float:
        """Count another task attempt and return the pause before it, in seconds."""
        pause_s = min(FIRST_PAUSE_S * 2.0 ** (self._number - 1), LONGEST_PAUSE_S)
        self._number += 1
        return pause_s


def _is_transient(failure: BaseException | None, backend: BaseBackend) -> bool:
    try:
        return isinstance(failure, tuple(backend.transient_errors))
    except TypeError:
        logger.warning("backend %s: transient_errors are not classes of exceptions", backend.name)
        return False
