"""Running one task on one target, or on several in one go: prepare, measure, keep, analyse, judge, record."""

from __future__ import annotations

import logging
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import BackendError, InvalidInputError, PluginError, QDashError
from qdash_core.interrupts import interruptible
from qdash_core.models.base import as_json, utc_now
from qdash_core.models.task import InputModel, RunParameterModel, TaskResultModel
from qdash_core.tasks.base import BaseTask, RawData, RunContext
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import ResolvedInput, as_parameter, input_sources, resolve_inputs
from qdash_core.tasks.laboratory_clock import LaboratoryClock
from qdash_core.tasks.result_processor import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.context import TaskContext
    from qdash_core.tasks.history_recorder import TaskHistoryRecorder
    from qdash_core.tasks.inputs import Values
    from qdash_core.tasks.parameters import Parameter
    from qdash_core.tasks.result_processor import ResultProcessor
    from qdash_core.tasks.run_parameters import RunParameter
    from qdash_core.tasks.state_manager import TaskStateManager

logger = logging.getLogger(__name__)

# Code of a plugin may raise anything, and `sys.exit` in a task must not end the night.
_PLUGIN_FAILURES = (Exception, SystemExit)

_WRITERS = 8
"""Files that are written at once: a disk confirms several about as fast as one."""


@dataclass(slots=True)
class _Run:
    """One target's way through the executor."""

    result: TaskResultModel
    inputs: Mapping[str, ResolvedInput]
    task: BaseTask | None = None
    measured: object = None
    failure: BaseException | None = None
    stage: str = ""
    """What was called when it failed."""

    def fail(self, error: BaseException, stage: str = "") -> None:
        """Remember what went wrong first: the rest follows from it."""
        if self.failure is None:
            self.failure, self.stage = error, stage


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
    cancelled : callable
        Whether the run is being cancelled.
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
        cancelled: Callable[[], bool],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._context = context
        self._backend = backend
        self._states = states
        self._recorder = recorder
        self._processor = processor
        self._artifacts = artifacts
        self._values = values
        self._makers = makers
        self._controls = controls
        self._cancelled = cancelled
        self._clock = clock
        self._laboratory = LaboratoryClock(backend)

    def run(
        self, task: type[BaseTask], qids: Sequence[str], parameters: Mapping[str, RunParameter]
    ) -> list[TaskResultModel]:
        """Run `task` on each of `qids`, in one measurement where it is simultaneous, and record every outcome.

        Returns
        -------
        list of TaskResultModel
            Completed or failed, in the order of `qids`. One target's failure is its own.
        """
        runs = [self._begin(task, qid, parameters) for qid in qids]
        self._recorder.record_state([run.result for run in runs])
        self._apply(runs)
        with self._laboratory.timing([run.result for run in runs if run.failure is None]):
            for run in runs:
                if run.failure is None:
                    self._construct(run, task, parameters)
            self._measure(task, [run for run in runs if run.failure is None])
        self._keep_measured(runs)
        note = self._note() if any(run.failure is None for run in runs) else None
        return [self._conclude(run, note) for run in runs]

    def sources(self, task: type[BaseTask], qid: str) -> dict[str, tuple[str, str]]:
        """Return for each declared input of a task the target and parameter that it is read from."""
        return input_sources(task, qid, control=self._controls.get(qid))

    def skip(self, task: type[BaseTask], qid: str, reason: str) -> TaskResultModel:
        """Record that a task is not run, with the reason."""
        result = self._states.ensure_task_exists(task, qid)
        self._states.update_task_status_to_skipped(result, reason)
        return self._record(result, None)

    def _begin(self, task: type[BaseTask], qid: str, parameters: Mapping[str, RunParameter]) -> _Run:
        result = self._states.ensure_task_exists(task, qid)
        run = _Run(result, inputs={})
        try:
            run.inputs = resolve_inputs(
                task, qid, self._values, control=self._controls.get(qid), makers=self._makers
            )
        except QDashError as error:
            run.fail(error)
        self._states.put_input_parameters(result, {name: given.model for name, given in run.inputs.items()})
        self._states.put_run_parameters(
            result, {name: _run_model(value) for name, value in parameters.items()}
        )
        self._states.start_task(result)
        return run

    def _apply(self, runs: Sequence[_Run]) -> None:
        """Put the inputs of all targets into the library at once, and keep what it really uses."""
        wanted: dict[str, dict[str, Parameter]] = {}
        for run in runs:
            for given in run.inputs.values():
                wanted.setdefault(given.target, {})[given.source] = as_parameter(given.model)
        stage = "backend.apply"
        try:
            with interruptible():
                self._backend.apply(wanted)
                stage = "backend.read_back"
                used = {target: self._backend.read_back(target) for target in wanted}
        except _PLUGIN_FAILURES as error:
            for run in runs:
                run.fail(error, stage)
            return
        for run in runs:
            try:
                inputs = {name: _as_used(given, used) for name, given in run.inputs.items()}
            except _PLUGIN_FAILURES as error:
                run.fail(_not_numbers(self._backend.name, error))
            else:
                self._states.put_input_parameters(run.result, inputs)

    def _construct(self, run: _Run, task: type[BaseTask], parameters: Mapping[str, RunParameter]) -> None:
        result = run.result
        stage = "__init__"
        try:
            run.task = task()
            run.task.context = RunContext(
                qid=result.qid,
                inputs={name: as_parameter(model) for name, model in result.input_parameters.items()},
                parameters={name: parameter.resolved() for name, parameter in parameters.items()},
                execution_id=result.execution_id,
                task_id=result.task_id,
                chip=self._context.chip,
                partial=lambda raw: self._keep(result, raw),
                _cancelled=self._cancelled,
            )
            stage = "preprocess"
            with interruptible():
                run.task.preprocess(self._backend)
        except _PLUGIN_FAILURES as error:
            run.fail(error, stage)

    def _measure(self, task: type[BaseTask], runs: Sequence[_Run]) -> None:
        if not task.simultaneous:
            for run in runs:
                assert run.task is not None
                try:
                    with interruptible():
                        run.measured = run.task.run(self._backend)
                except _PLUGIN_FAILURES as error:
                    run.fail(error, "run")
            return
        if not runs:
            return
        try:
            with interruptible():
                prepared = [run.task for run in runs if run.task is not None]
                measured = list(task.run_group(self._backend, prepared))
            if len(measured) != len(runs):
                raise PluginError(
                    f"{task.name}.run_group returned {len(measured)} results for {len(runs)} targets"
                )
        except _PLUGIN_FAILURES as error:
            measured = [error] * len(runs)
        for run, answer in zip(runs, measured, strict=True):
            if isinstance(answer, BaseException):
                run.fail(answer, "run_group")
            else:
                run.measured = answer

    def _conclude(self, run: _Run, note: dict[str, Any] | None) -> TaskResultModel:
        """Analyse what was measured, judge what came of it, and record it."""
        result = run.result
        try:
            if run.failure is not None:
                raise run.failure
            assert run.task is not None
            with interruptible():
                output = run.task.postprocess(self._backend, run.measured)
            previous = self._values.of(result.qid)
            processed = self._processor.process(
                type(run.task), result, output, previous=previous, now=self._clock()
            )
            settle(self._states, result, processed)
        except _PLUGIN_FAILURES as error:
            stage = run.stage or "postprocess"
            module = (self._backend if stage.startswith("backend.") else run.task).__class__.__module__
            message = failure_message(error, stage=stage, module=module)
            self._states.update_task_status_to_failed(result, message)
            if not isinstance(error, QDashError):
                logger.info("%s on %s failed", result.name, result.qid, exc_info=error)
        return self._record(result, note)

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

    def _keep_measured(self, runs: Sequence[_Run]) -> None:
        """Save raw data before anything else can go wrong with them; several targets wait for the disk together."""
        if len(runs) == 1:
            self._keep_one(runs[0])
            return
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._keep_one, runs))

    def _keep_one(self, run: _Run) -> None:
        if run.failure is None and isinstance(run.measured, RawData):
            try:
                self._keep(run.result, run.measured)
            except Exception as error:  # noqa: BLE001  one target's unwritable data are its own failure
                run.fail(error, "saving raw data")

    def _keep(self, result: TaskResultModel, raw: RawData) -> None:
        path = result.raw_data_file
        self._artifacts.save_raw_data(path, raw)
        result.raw_data_path = [path]

    def _note(self) -> dict[str, Any] | None:
        try:
            with interruptible():
                note = self._backend.save_note()
            return None if note is None else as_json(note)
        except _PLUGIN_FAILURES as error:
            logger.warning("the backend's calibration note could not be read: %s", error)
            return None


def _run_model(parameter: RunParameter) -> RunParameterModel:
    return RunParameterModel(
        value=parameter.value,
        value_type=parameter.value_type,
        unit=parameter.unit,
        description=parameter.description,
    )


def _as_used(given: ResolvedInput, used: Mapping[str, Mapping[str, float]]) -> InputModel:
    actual = used.get(given.target, {}).get(given.source)
    if actual is None or actual == given.model.value or not math.isfinite(actual):
        return given.model
    return InputModel(value=actual, unit=given.model.unit)


def _not_numbers(backend: str, error: BaseException) -> BackendError:
    return BackendError(f"backend {backend}: what it read back is not numbers by name: {error}")
