"""Running one task on one target, or on several in one go: prepare, measure, keep, analyse, judge, record."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, QDashError, StoreError, TaskStuckError
from qdash_core.interrupts import interruptible
from qdash_core.models.base import utc_now
from qdash_core.models.task import RunParameterModel, TaskResultModel
from qdash_core.tasks.attempt import Attempt, failing
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import input_sources, resolve_inputs
from qdash_core.tasks.laboratory_clock import LaboratoryClock
from qdash_core.tasks.library_note import library_note
from qdash_core.tasks.measuring import Measuring
from qdash_core.tasks.result_processor import settle
from qdash_core.tasks.retrying import Retries

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.context import TaskContext
    from qdash_core.tasks.history_recorder import TaskHistoryRecorder
    from qdash_core.tasks.inputs import Values
    from qdash_core.tasks.result_processor import ResultProcessor
    from qdash_core.tasks.run_parameters import RunParameter
    from qdash_core.tasks.state_manager import TaskStateManager

logger = logging.getLogger(__name__)


class TaskExecutor:
    """Runs tasks on a connected backend.

    Parameters
    ----------
    context : TaskContext
        Takes in each finished result.
    backend : BaseBackend
        Connected.
    states, recorder, processor : TaskStateManager, TaskHistoryRecorder, ResultProcessor
        What may follow what, where it is written, how it is judged.
    artifacts : CalibDataSaver
        Where raw data are kept.
    values : Values
        The latest accepted values.
    makers : mapping of str to iterable of str
        Parameter name to the tasks that make it.
    controls : mapping of str to str
        Coupling to its controlling qubit, where one has been chosen.
    cancelled : threading.Event
        Set when the run is being cancelled.
    grace_s : float
        So long a task may take to stop when its time is up, in seconds.
    stuck : callable
        Ends the run. Called with the reason, from another thread, when a task does not stop.
    lab_before_s : float
        Laboratory time of the earlier stretches of the run.
    """

    def __init__(
        self,
        *,
        context: TaskContext,
        backend: BaseBackend,
        states: TaskStateManager,
        recorder: TaskHistoryRecorder,
        processor: ResultProcessor,
        artifacts: CalibDataSaver,
        values: Values,
        makers: Mapping[str, Iterable[str]],
        controls: Mapping[str, str],
        cancelled: threading.Event,
        grace_s: float,
        stuck: Callable[[str], None],
        lab_before_s: float = 0.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._context = context
        self._backend = backend
        self._states = states
        self._recorder = recorder
        self._processor = processor
        self._values = values
        self._makers = makers
        self._controls = controls
        self._cancelled = cancelled
        self._stuck = stuck
        self._clock = clock
        self._measuring = Measuring(
            backend=backend,
            chip=context.chip,
            states=states,
            artifacts=artifacts,
            controls=controls,
            cancelled=cancelled,
            grace_s=grace_s,
            stuck=self._end_stuck,
            laboratory=LaboratoryClock(backend, before_s=lab_before_s),
        )

    def run(
        self, task: type[BaseTask], qids: Sequence[str], parameters: Mapping[str, RunParameter]
    ) -> list[TaskResultModel]:
        """Run `task` on each of `qids`, in one measurement where it is simultaneous, and record every attempt.

        What failed by a fault that the backend calls transient is tried again, together, as often as the task says.

        Returns
        -------
        list of TaskResultModel
            The last attempt on each of `qids`, in their order: completed or failed. One target's failure is its own.

        Raises
        ------
        TaskStuckError
            If the task did not stop when its time was up; the run has been ended then.
        """
        retries = Retries(task.retries, self._backend)
        waiting = [self._states.ensure_task_exists(task, qid) for qid in qids]
        last: dict[str, TaskResultModel] = {}
        while waiting:
            attempts = [self._begin(task, result, parameters) for result in waiting]
            self._recorder.record_state(waiting)
            self._measuring.measure(task, attempts, parameters)
            failed = [] if self._cancelled.is_set() else attempts
            again = {
                attempt.result.task_id: attempt.result
                for attempt in failed
                if retries.worth_another(attempt.failure)
            }
            note = (
                library_note(self._backend) if any(attempt.failure is None for attempt in attempts) else None
            )
            for attempt in attempts:
                told = partial(retries.told, again=attempt.result.task_id in again)
                last[attempt.result.qid] = self._conclude(attempt, note, told)
            waiting = self._wait_to_retry(again.values(), retries, last) if again else []
        return [last[qid] for qid in qids]

    def sources(self, task: type[BaseTask], qid: str) -> dict[str, tuple[str, str]]:
        """Return for each declared input of a task the target and parameter that it is read from."""
        return input_sources(task, qid, control=self._controls.get(qid))

    def skip(self, task: type[BaseTask], qid: str, reason: str) -> TaskResultModel:
        """Record that a task is not run, with the reason."""
        result = self._states.ensure_task_exists(task, qid)
        self._states.update_task_status_to_skipped(result, reason)
        return self._record(result, None)

    def _begin(
        self, task: type[BaseTask], result: TaskResultModel, parameters: Mapping[str, RunParameter]
    ) -> Attempt:
        attempt = Attempt(result, inputs={})
        control = self._controls.get(result.qid)
        try:
            attempt.inputs = resolve_inputs(
                task, result.qid, self._values, control=control, makers=self._makers
            )
        except StoreError:
            raise
        except QDashError as error:
            attempt.fail(error)
        self._states.put_input_parameters(
            result, {name: given.model for name, given in attempt.inputs.items()}
        )
        self._states.put_run_parameters(
            result, {name: _run_model(value) for name, value in parameters.items()}
        )
        self._states.start_task(result)
        return attempt

    def _wait_to_retry(
        self, failed: Iterable[TaskResultModel], retries: Retries, last: dict[str, TaskResultModel]
    ) -> list[TaskResultModel]:
        """Return the next attempts when it is time for them; none when the run is cancelled meanwhile."""
        waiting = [self._states.next_attempt(result) for result in failed]
        self._recorder.record_state(waiting)
        with interruptible():
            self._cancelled.wait(retries.next())
        if not self._cancelled.is_set():
            return waiting
        for result in waiting:
            self._states.update_task_status_to_cancelled(result, "cancelled before it was tried again")
            last[result.qid] = self._record(result, None)
        return []

    def _conclude(
        self, attempt: Attempt, note: dict[str, Any] | None, told: Callable[[str], str]
    ) -> TaskResultModel:
        """Analyse what was measured, judge what came of it, and record it."""
        result = attempt.result
        if attempt.failure is None and attempt.task is not None:
            previous = self._values.of(result.qid)
            with failing(attempt, stage="postprocess"):
                output = self._analysed(attempt, attempt.task)
                attempt.raise_if_told()
                processed = self._processor.process(
                    type(attempt.task), result, output, previous=previous, now=self._clock()
                )
                settle(self._states, result, processed)
        if isinstance(attempt.failure, TaskStuckError):
            raise attempt.failure
        if attempt.failure is not None:
            self._fail(attempt, attempt.failure, told)
        return self._record(result, note)

    def _analysed(self, attempt: Attempt, task: BaseTask) -> object:
        analyse = partial(task.postprocess, self._backend, attempt.measured)
        return self._measuring.limited(task.timeout_s, [attempt], analyse, f"{task.name}.postprocess")

    def _fail(self, attempt: Attempt, error: BaseException, told: Callable[[str], str]) -> None:
        """Take the reason on the result."""
        result = attempt.result
        raised_by = self._backend if attempt.stage.startswith("backend.") else attempt.task
        message = failure_message(error, stage=attempt.stage, module=type(raised_by).__module__)
        self._states.update_task_status_to_failed(result, told(message))
        if not isinstance(error, QDashError):
            logger.info("%s on %s failed", result.name, result.qid, exc_info=error)

    def _end_stuck(self, attempts: Sequence[Attempt], message: str) -> None:
        """End the run for a task that does not stop, from the thread that watches it."""
        for attempt in attempts:
            self._states.update_task_status_to_failed(attempt.result, message)
            self._states.end_task(attempt.result)
        self._stuck(message)

    def _record(self, result: TaskResultModel, note: dict[str, Any] | None) -> TaskResultModel:
        self._states.end_task(result)
        try:
            self._recorder.record_outcome(result, note=note)
        except (InvalidInputError, ValueError, TypeError) as error:
            # Something in it that no store can hold: the rest of the run must not depend on it.
            self._states.strip_to_failure(result, f"the result could not be kept: {failure_message(error)}")
            self._recorder.record_outcome(result)
        self._context.add(result)
        return result


def _run_model(parameter: RunParameter) -> RunParameterModel:
    return RunParameterModel(
        value=parameter.value,
        value_type=parameter.value_type,
        unit=parameter.unit,
        description=parameter.description,
    )
