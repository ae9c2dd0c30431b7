"""The part of a task that touches hardware: give inputs to the library, prepare, measure, and keep what came of it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import BackendError, PluginError, StoreError, TaskStuckError, TaskTimeoutError
from qdash_core.models.raw_data import RawData
from qdash_core.models.task import InputModel
from qdash_core.tasks.attempt import failing
from qdash_core.tasks.base import RunContext
from qdash_core.tasks.inputs import as_parameter, direction_of
from qdash_core.time_limits import within

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.attempt import Attempt
    from qdash_core.tasks.base import BaseTask, ChipView
    from qdash_core.tasks.inputs import ResolvedInput
    from qdash_core.tasks.laboratory_clock import LaboratoryClock
    from qdash_core.tasks.run_parameters import RunParameter
    from qdash_core.tasks.state_manager import TaskStateManager

T = TypeVar("T")

_WRITERS = 8
"""Files that are written at once: a disk confirms several about as fast as one."""


class Measuring:
    """Measures on a connected backend.

    Parameters
    ----------
    backend : BaseBackend
        Connected.
    chip : ChipView
        What tasks see of the chip.
    states : TaskStateManager
        Takes the inputs that were really used.
    artifacts : CalibDataSaver
        Where raw data are kept.
    controls : mapping of str to str
        Coupling to its controlling qubit, where one has been chosen.
    cancelled : threading.Event
        Set when the run is being cancelled.
    grace_s : float
        So long a task may take to stop when its time is up, in seconds.
    stuck : callable
        Called with the attempts and the reason, from another thread, when it has not stopped.
    laboratory : LaboratoryClock
        Puts on results what they take in a laboratory.
    """

    def __init__(
        self,
        *,
        backend: BaseBackend,
        chip: ChipView,
        states: TaskStateManager,
        artifacts: CalibDataSaver,
        controls: Mapping[str, str],
        cancelled: threading.Event,
        grace_s: float,
        stuck: Callable[[Sequence[Attempt], str], None],
        laboratory: LaboratoryClock,
    ) -> None:
        self._backend = backend
        self._chip = chip
        self._states = states
        self._artifacts = artifacts
        self._controls = controls
        self._cancelled = cancelled
        self._grace_s = grace_s
        self._stuck = stuck
        self._laboratory = laboratory

    def measure(
        self, task: type[BaseTask], attempts: Sequence[Attempt], parameters: Mapping[str, RunParameter]
    ) -> None:
        """Measure those of `attempts` that have not failed, in the time that `task` has for it, and keep raw data.

        Raises
        ------
        TaskStuckError
            If it did not stop when its time was up; the run has been ended then.
        KeyboardInterrupt
            If it was interrupted, or has heard that the run is being cancelled. What there is has been kept.
        """
        ready = [attempt for attempt in attempts if attempt.failure is None]
        if not ready:
            return
        try:
            self.limited(
                task.timeout_s, ready, partial(self._prepare_and_run, task, ready, parameters), task.name
            )
        except TaskStuckError:
            raise
        except TaskTimeoutError as error:
            for attempt in ready:
                attempt.fail(error)
            self._keep_what_there_is(ready)
        except KeyboardInterrupt:
            self._keep_what_there_is(ready)
            raise
        else:
            self._keep_all(ready)
        for attempt in ready:
            attempt.raise_if_told()

    def limited(self, timeout_s: float, attempts: Sequence[Attempt], work: Callable[[], T], what: str) -> T:
        """Do `work` of these attempts within a time. Raises as `time_limits.within`."""

        def time_up() -> None:
            for attempt in attempts:
                attempt.time_is_up = True

        return within(
            timeout_s,
            work,
            what=what,
            time_up=time_up,
            grace_s=self._grace_s,
            stuck=lambda message: self._stuck(attempts, message),
        )

    def _prepare_and_run(
        self, task: type[BaseTask], attempts: Sequence[Attempt], parameters: Mapping[str, RunParameter]
    ) -> None:
        self._apply(attempts)
        with self._laboratory.timing([attempt.result for attempt in attempts if attempt.failure is None]):
            for attempt in attempts:
                if attempt.failure is None:
                    self._construct(attempt, task, parameters)
            prepared = [attempt for attempt in attempts if attempt.failure is None]
            if task.simultaneous:
                self._run_group(task, prepared)
            else:
                for attempt in prepared:
                    self._run(attempt)

    def _apply(self, attempts: Sequence[Attempt]) -> None:
        """Put the inputs of all targets into the library at once, and keep what it really uses."""
        wanted: dict[str, dict[str, Parameter]] = {}
        for attempt in attempts:
            for given in attempt.inputs.values():
                wanted.setdefault(given.target, {})[given.source] = as_parameter(given.model)
        with failing(*attempts, stage="backend.apply"):
            self._backend.apply(wanted)
        if any(attempt.failure is not None for attempt in attempts):
            return
        used: Mapping[str, Mapping[str, float]] = {}
        with failing(*attempts, stage="backend.read_back"):
            used = {target: self._backend.read_back(target) for target in wanted}
        for attempt in attempts:
            try:
                inputs = {name: _as_used(given, used) for name, given in attempt.inputs.items()}
            except Exception as error:  # noqa: BLE001  whatever a backend gives for numbers
                attempt.fail(_not_numbers(self._backend.name, error))
            else:
                self._states.put_input_parameters(attempt.result, inputs)

    def _construct(
        self, attempt: Attempt, task: type[BaseTask], parameters: Mapping[str, RunParameter]
    ) -> None:
        result = attempt.result
        control, target = (
            direction_of(result.qid, self._controls.get(result.qid))
            if task.task_type == "coupling"
            else ("", "")
        )
        with failing(attempt, stage="__init__"):
            attempt.task = task()
            attempt.task.context = RunContext(
                qid=result.qid,
                inputs={name: as_parameter(model) for name, model in result.input_parameters.items()},
                parameters={name: parameter.resolved() for name, parameter in parameters.items()},
                execution_id=result.execution_id,
                task_id=result.task_id,
                chip=self._chip,
                partial=lambda raw: self._keep(result, raw),
                _cancelled=partial(self._tell, attempt),
                control=control,
                target=target,
            )
        if attempt.failure is None and attempt.task is not None:
            with failing(attempt, stage="preprocess"):
                attempt.task.preprocess(self._backend)

    def _tell(self, attempt: Attempt) -> bool:
        """Answer a task that asks whether it is to stop."""
        if not attempt.time_is_up and self._cancelled.is_set():
            attempt.was_told = True
        return attempt.time_is_up or attempt.was_told

    def _run(self, attempt: Attempt) -> None:
        assert attempt.task is not None
        with failing(attempt, stage="run"):
            attempt.measured = attempt.task.run(self._backend)

    def _run_group(self, task: type[BaseTask], attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        measured: list[object] = []
        with failing(*attempts, stage="run_group"):
            prepared = [attempt.task for attempt in attempts if attempt.task is not None]
            measured = list(task.run_group(self._backend, prepared))
            if len(measured) != len(attempts):
                raise PluginError(
                    f"{task.name}.run_group returned {len(measured)} results for {len(attempts)} targets"
                )
        for attempt, answer in zip(attempts, measured, strict=False):
            if isinstance(answer, BaseException):
                attempt.fail(answer, "run_group")
            else:
                attempt.measured = answer

    def _keep_all(self, attempts: Sequence[Attempt]) -> None:
        """Save raw data before anything else can go wrong with them; several targets wait for the disk together."""
        if len(attempts) == 1:
            self._keep_one(attempts[0])
            return
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._keep_one, attempts))

    def _keep_one(self, attempt: Attempt) -> None:
        if isinstance(attempt.measured, RawData):
            try:
                self._keep(attempt.result, attempt.measured)
            except Exception as error:  # noqa: BLE001  one target's unwritable data are its own failure
                attempt.fail(error, "saving raw data")

    def _keep_what_there_is(self, attempts: Sequence[Attempt]) -> None:
        """Save what has been measured, and note the file of a result whose saving was cut between the two."""
        self._keep_all(attempts)
        for result in (attempt.result for attempt in attempts):
            path = result.raw_data_file
            with suppress(StoreError):
                if not result.raw_data_path and self._artifacts.exists(path):
                    result.raw_data_path = [path]

    def _keep(self, result: TaskResultModel, raw: RawData) -> None:
        path = result.raw_data_file
        self._artifacts.save_raw_data(path, raw)
        result.raw_data_path = [path]


def _as_used(given: ResolvedInput, used: Mapping[str, Mapping[str, float]]) -> InputModel:
    actual = used.get(given.target, {}).get(given.source)
    if actual is None or actual == given.model.value or not math.isfinite(actual):
        return given.model
    return InputModel(value=actual, unit=given.model.unit)


def _not_numbers(backend: str, error: BaseException) -> BackendError:
    return BackendError(f"backend {backend}: what it read back is not numbers by name: {error}")
