"""Running one task on one target, or on several in one go: start, measure, keep, analyse, judge, record."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.attempt import Attempt, failing, unfailed
from qdash_core.attempts.library_note import library_note
from qdash_core.attempts.measuring import Measuring
from qdash_core.attempts.retrying import Retries
from qdash_core.errors import QDashError, StoreError, TaskStuckError
from qdash_core.interrupts import interruptible
from qdash_core.models.task import RunParameterModel, TaskResultModel, TaskStatus
from qdash_core.tasks.base import BaseTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.attempts.journal import Journal
    from qdash_core.attempts.result_processor import ResultProcessor
    from qdash_core.attempts.setup import Setup
    from qdash_core.attempts.watchdog import Watchdog
    from qdash_core.tasks.inputs import Inputs
    from qdash_core.tasks.run_parameters import RunParameter

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskExecutor:
    """Runs tasks.

    Parameters
    ----------
    setup : Setup
        What they are measured on; connected.
    inputs : Inputs
        What they are given.
    journal : Journal
        Where what becomes of them is written.
    processor : ResultProcessor
        Judges what they find.
    watchdog : Watchdog
        Stops what takes too long.
    """

    setup: Setup
    inputs: Inputs
    journal: Journal
    processor: ResultProcessor
    watchdog: Watchdog

    def run(
        self,
        task: type[BaseTask],
        results: Sequence[TaskResultModel],
        parameters: Mapping[str, RunParameter],
    ) -> list[TaskResultModel]:
        """Run `task` for each of `results`, in one measurement where it is simultaneous, and record every attempt.

        What failed by a fault that the backend calls transient is tried again, together, as often as the task says.

        Parameters
        ----------
        task : type of BaseTask
            What is run.
        results : sequence of TaskResultModel
            Scheduled, each of another target.
        parameters : mapping of str to RunParameter
            The run parameters in use.

        Returns
        -------
        list of TaskResultModel
            The last attempt on each of the targets, in their order: completed or failed. One target's failure is its own.

        Raises
        ------
        TaskStuckError
            If the task did not stop when its time was up; the run has been ended then.
        """
        measuring = Measuring(self.setup, self.journal, self.watchdog)
        retries = Retries(task.retries, self.setup.backend)
        last = {result.qid: result for result in results}
        waiting = list(results)
        while waiting:
            attempts = [self._start(task, result, parameters) for result in waiting]
            self.journal.recorder.record_state(waiting)
            measuring.measure(task, attempts, parameters)
            again = self._to_try_again(attempts, retries)
            note = library_note(self.setup.backend) if unfailed(attempts) else None
            for attempt in attempts:
                self._analyse(attempt)
                self.processor.judge(attempt, accepting=partial(self._accepted, attempt))
                if task.accepted is not BaseTask.accepted and attempt.failure is None:
                    note = library_note(self.setup.backend)
                if attempt.failure is not None:
                    self._fail(attempt, retries.told(attempt.reason(), again=attempt in again))
                self.journal.record(attempt.result, note)
            following = self._next_attempts(again, retries) if again else []
            last |= {result.qid: result for result in following}
            waiting = [result for result in following if result.status is TaskStatus.SCHEDULED]
        return [last[result.qid] for result in results]

    def _start(
        self, task: type[BaseTask], result: TaskResultModel, parameters: Mapping[str, RunParameter]
    ) -> Attempt:
        """Resolve the inputs, and move the result to running; an input that is missing is its failure."""
        attempt = Attempt(result, task, direction=self.inputs.direction(task, result.qid))
        try:
            attempt.inputs = self.inputs.resolve(task, result.qid)
        except StoreError:
            raise
        except QDashError as error:
            attempt.fail(error)
        states = self.journal.states
        states.put_control(result, attempt.direction[0])
        states.put_input_parameters(result, {name: given.model for name, given in attempt.inputs.items()})
        states.put_run_parameters(result, {name: _run_model(value) for name, value in parameters.items()})
        states.start_task(result)
        return attempt

    def _analyse(self, attempt: Attempt) -> None:
        task = attempt.task
        if attempt.failure is not None or task is None:
            return
        with failing(attempt, stage="postprocess"):
            work = partial(task.postprocess, self.setup.backend, attempt.measured)
            attempt.output = self.watchdog.within(task.timeout_s, [attempt], work, f"{task.name}.postprocess")
            attempt.raise_if_told()

    def _accepted(self, attempt: Attempt) -> None:
        task = attempt.task
        assert task is not None
        with failing(attempt, stage="accepted"):
            work = partial(task.accepted, self.setup.backend)
            self.watchdog.within(task.timeout_s, [attempt], work, f"{task.name}.accepted")
            attempt.raise_if_told()

    def _fail(self, attempt: Attempt, reason: str) -> None:
        result, failure = attempt.result, attempt.failure
        if isinstance(failure, TaskStuckError):
            raise failure  # the run has been ended, and this result with it
        self.journal.states.update_task_status_to_failed(result, reason)
        if not isinstance(failure, QDashError):
            logger.info("%s on %s failed", result.name, result.qid, exc_info=failure)

    def _to_try_again(self, attempts: Sequence[Attempt], retries: Retries) -> list[Attempt]:
        if self.watchdog.cancelled.is_set():
            return []
        return [attempt for attempt in attempts if retries.worth_another(attempt.failure)]

    def _next_attempts(self, failed: Sequence[Attempt], retries: Retries) -> list[TaskResultModel]:
        """Return the next attempts when it is time for them: scheduled, or cancelled when the run is meanwhile."""
        states = self.journal.states
        following = [states.next_attempt(attempt.result) for attempt in failed]
        self.journal.recorder.record_state(following)
        with interruptible():
            self.watchdog.cancelled.wait(retries.next())
        if self.watchdog.cancelled.is_set():
            for result in following:
                states.update_task_status_to_cancelled(result, "cancelled before it was tried again")
                self.journal.record(result)
        return following


def _run_model(parameter: RunParameter) -> RunParameterModel:
    return RunParameterModel(
        value=parameter.value,
        value_type=parameter.value_type,
        unit=parameter.unit,
        description=parameter.description,
    )
