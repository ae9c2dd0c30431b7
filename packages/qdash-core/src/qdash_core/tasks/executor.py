"""Running one task on one target, or on several in one go: prepare, measure, keep, analyse, judge, record."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import BackendError, QDashError
from qdash_core.models.base import as_json, utc_now
from qdash_core.models.task import InputModel, RunParameterModel, TaskResultModel
from qdash_core.tasks.base import BaseTask, RawData, RunContext
from qdash_core.tasks.inputs import ResolvedInput, input_sources, resolve_inputs
from qdash_core.tasks.parameters import Parameter
from qdash_core.tasks.result_processor import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.context import TaskContext
    from qdash_core.tasks.history_recorder import TaskHistoryRecorder
    from qdash_core.tasks.inputs import Values
    from qdash_core.tasks.result_processor import ResultProcessor
    from qdash_core.tasks.run_parameters import RunParameter
    from qdash_core.tasks.state_manager import TaskStateManager

logger = logging.getLogger(__name__)

# Code of a plugin may raise anything, and `sys.exit` in a task must not end the night.
_PLUGIN_FAILURES = (Exception, SystemExit)


@dataclass(slots=True)
class _Run:
    """One target's way through the executor."""

    result: TaskResultModel
    inputs: Mapping[str, ResolvedInput]
    task: BaseTask | None = None
    measured: object = None
    failure: BaseException | None = None


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
        for run in runs:
            if run.failure is None:
                self._construct(run, task, parameters)
        self._measure(task, [run for run in runs if run.failure is None])
        for run in runs:
            self._keep_measured(run)
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
            run.failure = error
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
                wanted.setdefault(given.target, {})[given.source] = _parameter(given.model)
        try:
            self._backend.apply(wanted)
            used = {target: self._backend.read_back(target) for target in wanted}
        except _PLUGIN_FAILURES as error:
            for run in runs:
                run.failure = run.failure or error
            return
        for run in runs:
            try:
                inputs = {name: _as_used(given, used) for name, given in run.inputs.items()}
            except _PLUGIN_FAILURES as error:
                run.failure = run.failure or _not_numbers(self._backend.name, error)
            else:
                self._states.put_input_parameters(run.result, inputs)

    def _construct(self, run: _Run, task: type[BaseTask], parameters: Mapping[str, RunParameter]) -> None:
        result = run.result
        try:
            run.task = task()
            run.task.context = RunContext(
                qid=result.qid,
                inputs={name: _parameter(model) for name, model in result.input_parameters.items()},
                parameters={name: parameter.resolved() for name, parameter in parameters.items()},
                execution_id=result.execution_id,
                task_id=result.task_id,
                chip=self._context.chip,
                partial=lambda raw: self._keep(result, raw),
                _cancelled=self._cancelled,
            )
            run.task.preprocess(self._backend)
        except _PLUGIN_FAILURES as error:
            run.failure = error

    def _measure(self, task: type[BaseTask], runs: Sequence[_Run]) -> None:
        if not task.simultaneous:
            for run in runs:
                assert run.task is not None
                try:
                    run.measured = run.task.run(self._backend)
                except _PLUGIN_FAILURES as error:
                    run.failure = error
            return
        if not runs:
            return
        try:
            measured = list(task.run_group(self._backend, [run.task for run in runs if run.task is not None]))
            if len(measured) != len(runs):
                raise TypeError(
                    f"{task.name}.run_group returned {len(measured)} results for {len(runs)} targets"
                )
        except _PLUGIN_FAILURES as error:
            measured = [error] * len(runs)
        for run, answer in zip(runs, measured, strict=True):
            if isinstance(answer, BaseException):
                run.failure = answer
            else:
                run.measured = answer

    def _conclude(self, run: _Run, note: dict[str, Any] | None) -> TaskResultModel:
        """Analyse what was measured, judge what came of it, and record it."""
        result = run.result
        try:
            if run.failure is not None:
                raise run.failure
            assert run.task is not None
            output = run.task.postprocess(self._backend, run.measured)
            previous = self._values.of(result.qid)
            processed = self._processor.process(
                type(run.task), result, output, previous=previous, now=self._clock()
            )
            settle(self._states, result, processed)
        except _PLUGIN_FAILURES as error:
            self._states.update_task_status_to_failed(result, failure_message(error))
            if not isinstance(error, QDashError):
                logger.info("%s on %s failed", result.name, result.qid, exc_info=error)
        return self._record(result, note)

    def _record(self, result: TaskResultModel, note: dict[str, Any] | None) -> TaskResultModel:
        self._states.end_task(result)
        self._recorder.record_outcome(result, note=note)
        self._context.add(result)
        return result

    def _keep_measured(self, run: _Run) -> None:
        """Save raw data before anything else can go wrong with them."""
        if run.failure is None and isinstance(run.measured, RawData):
            try:
                self._keep(run.result, run.measured)
            except Exception as error:  # noqa: BLE001  one target's unwritable data are its own failure
                run.failure = error

    def _keep(self, result: TaskResultModel, raw: RawData) -> None:
        path = f"{result.project_id}/{result.chip_id}/{result.execution_id}/{result.task_id}.npz"
        self._artifacts.save_raw_data(path, raw)
        result.raw_data_path = [path]

    def _note(self) -> dict[str, Any] | None:
        try:
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


def _parameter(model: InputModel) -> Parameter:
    return Parameter(model.value, model.error, model.unit)


def _as_used(given: ResolvedInput, used: Mapping[str, Mapping[str, float]]) -> InputModel:
    actual = used.get(given.target, {}).get(given.source)
    if actual is None or actual == given.model.value or not math.isfinite(actual):
        return given.model
    return InputModel(value=actual, unit=given.model.unit)


def _not_numbers(backend: str, error: BaseException) -> BackendError:
    return BackendError(f"backend {backend}: what it read back is not numbers by name: {error}")


def failure_message(error: BaseException) -> str:
    """Return what went wrong in one line: a QDash error speaks for itself, any other says its kind."""
    try:
        text = " ".join(str(error).split())
    except _PLUGIN_FAILURES:
        text = ""
    text = text.encode("utf-8", "replace").decode()  # a file name in the message may hold what no store keeps
    if isinstance(error, QDashError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
