"""Task executor: the steps of task attempts in order, repeated after transient errors.

A task run is measured and then processed; the runs of other targets can be measured while one is processed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.measurement import TaskMeasurement, read_library_note
from qdash_core.attempts.missed_signals import may_miss_signal
from qdash_core.attempts.task_attempt import TaskAttempt, record_failures, select_unfailed
from qdash_core.errors import QDashError, StoreError, TaskStuckError
from qdash_core.models.targets import list_parts
from qdash_core.models.task import RunParameterModel, TaskResultModel, TaskStatus
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.tasks.base import BaseTask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qdash_core.attempts.journal import Journal
    from qdash_core.attempts.measurement import MeasurementSetup
    from qdash_core.attempts.result_processor import ResultProcessor
    from qdash_core.attempts.task_attempt import Watchdog
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.inputs import Inputs, LatestValues
    from qdash_core.tasks.run_parameters import RunParameter

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
"""Pause before the first retry; each further pause is twice as long."""
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class TaskExecutor:
    """Parts of a run that its task runs use, to start, measure, analyse, judge and record.

    `starting` is called with each task attempt that is recorded as running, before it measures.
    """

    setup: MeasurementSetup
    values: LatestValues
    inputs: Inputs
    journal: Journal
    processor: ResultProcessor
    watchdog: Watchdog
    starting: Callable[[TaskResultModel], None] = lambda _: None


class TaskRun:
    """Run of one task for some results, in one measurement where it is simultaneous; every attempt is recorded.

    Call `perform`, or `measure` and then `process`, until no results are `waiting`. The targets that failed with a
    transient error of the backend are tried again, together, up to `task.retries` times. A failure concerns its own
    target only.

    `given` has the inputs that the run gives the task, by declared name. `confirming` has the targets whose
    measurement just before showed no signal.
    """

    def __init__(
        self,
        executor: TaskExecutor,
        task: type[BaseTask],
        results: Sequence[TaskResultModel],
        parameters: Mapping[str, RunParameter],
        given: Mapping[str, Parameter],
        *,
        confirming: Collection[str] = (),
    ) -> None:
        self.waiting: Sequence[TaskResultModel] = list(results)
        """Results that must be measured, the first or a further time."""
        self.writes_accepted = task.accepted is not BaseTask.accepted
        """True if `process` writes accepted values into the laboratory's library, so that nothing may be measured meanwhile."""
        self._executor, self._task = executor, task
        self._parameters, self._given, self._confirming = parameters, given, confirming
        # The same objects in all results, of which a run keeps thousands.
        self._parameter_models = {name: _make_model(one) for name, one in parameters.items()}
        self._setup, self._journal, self._watchdog = executor.setup, executor.journal, executor.watchdog
        self._retries = RetryPolicy(task.retries, self._setup.backend)
        self._last = {result.qid: result for result in results}
        self._measurement: TaskMeasurement
        self._attempts: list[TaskAttempt] = []
        self._unsaved: Sequence[TaskAttempt] = []
        self._note: dict[str, Any] | None = None

    @property
    def results(self) -> list[TaskResultModel]:
        """The last task attempt on each target, in the order of the given results: completed or failed after the run."""
        return list(self._last.values())

    def perform(self) -> None:
        """Measure the waiting results and process them."""
        self.measure()
        self.process()

    def measure(self) -> None:
        """Start the waiting results and measure them. Uses the backend.

        Raises
        ------
        TaskStuckError
            If the task did not stop after its time limit. The run has been ended.
        KeyboardInterrupt
            If the run is being cancelled.
        """
        values = self._read_values(self.waiting)
        inputs = replace(self._executor.inputs, values=values)
        self._measurement = TaskMeasurement(self._setup, self._journal, self._watchdog, values)
        self._attempts = [self._start(result, inputs) for result in self.waiting]
        self._journal.recorder.record_state(self.waiting)
        for attempt in select_unfailed(self._attempts):
            self._executor.starting(attempt.result)
        self._unsaved = self._measurement.measure(self._task, self._attempts, self._parameters)
        self._note = read_library_note(self._setup.backend) if select_unfailed(self._attempts) else None

    def process(self) -> None:
        """Save the raw data, analyse and judge them, and record all results of the measurement in one transaction.

        If some are tried again, pause before it returns.

        Raises
        ------
        TaskStuckError
            If an analysis did not stop after its time limit. The run has been ended.
        """
        self._measurement.save_raw_data(self._unsaved)
        again = self._select_for_retry()
        values = self._read_values([attempt.result for attempt in select_unfailed(self._attempts)])
        notes = [self._finish(attempt, values, again=attempt in again) for attempt in self._attempts]
        self._journal.record([attempt.result for attempt in self._attempts], notes)
        following = self._make_next_attempts(again) if again else []
        self._last |= {result.qid: result for result in following}
        self.waiting = [result for result in following if result.status is TaskStatus.SCHEDULED]

    def _read_values(self, results: Iterable[TaskResultModel]) -> LatestValues:
        targets = {one for result in results for one in list_parts(result.qid)}
        return self._executor.values.read_together(targets)

    def _finish(self, attempt: TaskAttempt, values: LatestValues, *, again: bool) -> dict[str, Any] | None:
        """Analyse and judge a task attempt, which ends its result; return the calibration note to store with it."""
        self._analyse(attempt)
        accepting = partial(self._report_acceptance, attempt) if self.writes_accepted else None
        self._executor.processor.judge(attempt, values, accepting=accepting)
        if self.writes_accepted and attempt.failure is None:
            self._note = read_library_note(self._setup.backend)
        if attempt.failure is not None:
            reason = attempt.reason()
            if attempt.lacks_signal and attempt.result.qid in self._confirming:
                reason += ", in two measurements in a row"
            self._fail(attempt, self._retries.describe(reason, again=again))
        return self._note

    def _start(self, result: TaskResultModel, inputs: Inputs) -> TaskAttempt:
        """Resolve the inputs and move the result to running. A missing input fails the task attempt."""
        task = self._task
        attempt = TaskAttempt(result, task, direction=inputs.get_direction(task, result.qid))
        try:
            attempt.inputs = inputs.resolve(task, result.qid, self._given)
        except StoreError:
            raise
        except QDashError as error:
            attempt.fail(error)
        states = self._journal.states
        states.put_control(result, attempt.direction[0])
        states.put_input_parameters(result, {name: one.model for name, one in attempt.inputs.items()})
        states.put_run_parameters(result, self._parameter_models)
        states.start_task(result)
        return attempt

    def _analyse(self, attempt: TaskAttempt) -> None:
        task = attempt.task
        if attempt.failure is not None or task is None:
            return
        with record_failures(attempt, stage="postprocess"):
            work = partial(task.postprocess, self._setup.backend, attempt.measured)
            attempt.output = self._watchdog.call_within(
                task.timeout_s, [attempt], work, f"{task.name}.postprocess"
            )
            attempt.raise_if_cancelled()

    def _report_acceptance(self, attempt: TaskAttempt) -> None:
        task = attempt.task
        assert task is not None
        with record_failures(attempt, stage="accepted"):
            work = partial(task.accepted, self._setup.backend)
            self._watchdog.call_within(task.timeout_s, [attempt], work, f"{task.name}.accepted")
            attempt.raise_if_cancelled()

    def _fail(self, attempt: TaskAttempt, reason: str) -> None:
        result, failure = attempt.result, attempt.failure
        if isinstance(failure, TaskStuckError):
            raise failure  # the run has been ended, and this result with it
        complete = attempt.failed_in_analysis and not _is_transient(failure, self._setup.backend)
        self._journal.states.update_task_status_to_failed(
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
        values = self._executor.values.get_values(attempt.result.qid)
        return not may_miss_signal(attempt.task_class, attempt.result, attempt.measured, values)

    def _select_for_retry(self) -> list[TaskAttempt]:
        if self._watchdog.cancelled.is_set():
            return []
        return [attempt for attempt in self._attempts if self._retries.allows_retry(attempt.failure)]

    def _make_next_attempts(self, failed: Sequence[TaskAttempt]) -> list[TaskResultModel]:
        """Wait, then return the results of the next task attempts: scheduled, or cancelled if the run was cancelled meanwhile."""
        following = self._journal.add_attempts([attempt.result for attempt in failed])
        with allow_interrupts():
            self._watchdog.cancelled.wait(self._retries.count_attempt())
        if self._watchdog.cancelled.is_set():
            for result in following:
                self._journal.states.update_task_status_to_cancelled(
                    result, "cancelled before it was tried again"
                )
                self._journal.record([result])
        return following


def _make_model(parameter: RunParameter) -> RunParameterModel:
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
