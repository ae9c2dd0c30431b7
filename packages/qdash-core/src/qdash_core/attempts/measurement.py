"""Measurement of a task: apply the inputs, prepare, run, save the raw data."""

from __future__ import annotations

import json
import logging
import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.storage_features import save_together
from qdash_core.attempts.task_attempt import record_failures, select_unfailed
from qdash_core.errors import BackendError, PluginError, TaskStuckError, TaskTimeoutError
from qdash_core.models.base import as_json_text
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.models.targets import split_coupling
from qdash_core.models.task import InputModel
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.repositories.documents import LARGEST_DOCUMENT
from qdash_core.tasks.inputs import find_input_sources, make_chip_input, to_parameter
from qdash_core.tasks.parameters import find_declared_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.attempts.journal import Journal
    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.attempts.task_attempt import TaskAttempt, Watchdog
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask, ChipView
    from qdash_core.tasks.inputs import ResolvedInput, ValueSource
    from qdash_core.tasks.run_parameters import RunParameter


Reads = dict[str, "Mapping[str, Parameter]"]
"""Values that tasks use in the library, by target, then by parameter."""

_LOCAL = frozenset({"qubit", "coupling"})
"""Types of tasks whose targets have values."""

logger = logging.getLogger(__name__)

_WRITERS = 8
"""Number of files written at the same time: a disk confirms several about as fast as one."""


@dataclass(frozen=True, slots=True)
class MeasurementSetup:
    """The backend, connected before the first measurement, and the chip and laboratory time of one run.

    `lab_before_s` is the laboratory time of the earlier run attempts, in seconds. `design` has the design values of
    the chip when the run began. `is_starting` returns whether a search should start widely from an input; see
    `StartingValues`.
    """

    backend: BaseBackend
    chip: ChipView
    lab_before_s: float = 0.0
    design: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    is_starting: Callable[[InputModel], bool] = lambda _: False

    @contextmanager
    def measure_time(self, states: TaskStateManager, results: Sequence[TaskResultModel]) -> Iterator[None]:
        """Set the laboratory times of `results` to start and duration of the block, even if the block raises.

        Do nothing if the backend has no `BaseBackend.clock`.
        """
        clock = self.backend.clock
        if clock is None:
            yield
            return
        begun_s = {result.qid: clock.now_s(result.qid) for result in results}
        try:
            yield
        finally:
            for result in results:
                start_s = self.lab_before_s + begun_s[result.qid] - clock.begun_s
                took_s = clock.now_s(result.qid) - begun_s[result.qid]
                states.put_laboratory_time(result, start_s=start_s, took_s=took_s)


def read_library_note(backend: BaseBackend) -> dict[str, Any] | None:
    """Return the backend's present calibration note as JSON, or None if it has none or none that can be stored.

    A bad note is logged: it must not fail a task.

    Raises
    ------
    KeyboardInterrupt
        If an interrupt arrives during the call of the backend.
    """
    try:
        with allow_interrupts():
            note = backend.save_note()
        if note is None:
            return None
        text = as_json_text(note)
        if len(text) > LARGEST_DOCUMENT:
            logger.warning("the backend's calibration note is not kept: %.1f MiB", len(text) / 2**20)
            return None
        kept: dict[str, Any] = json.loads(text)
        return kept
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
        logger.warning("the backend's calibration note could not be read: %s", error)
        return None


@dataclass(frozen=True, slots=True)
class TaskMeasurement:
    """Measurement of one task on a setup; the journal keeps the inputs in use and the raw data.

    `values` has the latest accepted values, to find the result that each undeclared input comes from.
    """

    setup: MeasurementSetup
    journal: Journal
    watchdog: Watchdog
    values: ValueSource

    def measure(
        self, task: type[BaseTask], attempts: Sequence[TaskAttempt], parameters: Mapping[str, RunParameter]
    ) -> Sequence[TaskAttempt]:
        """Measure the task attempts that have not failed within the time limit of `task`.

        Return those whose raw data must be saved (`save_raw_data`); partial data have been saved.

        Raises
        ------
        TaskStuckError
            If the task did not stop after its time limit. The run has been ended.
        KeyboardInterrupt
            If the task was interrupted or has seen that the run is being cancelled. Partial data have been saved.
        """
        ready = select_unfailed(attempts)
        if not ready:
            return ()
        reads: Reads = {}
        try:
            work = partial(self._prepare_and_run, task, ready, parameters, reads)
            self.watchdog.call_within(task.timeout_s, ready, work, task.name)
        except TaskStuckError:
            raise
        except TaskTimeoutError as error:
            for attempt in ready:
                attempt.fail(error)
            self._save_partial_data(ready)
            return ()
        except KeyboardInterrupt:
            self._save_partial_data(ready)
            raise
        finally:
            for attempt in ready:
                self._add_other_inputs(attempt, reads, is_alone=len(ready) == 1)
        if any(attempt.saw_cancel for attempt in ready):
            self.save_raw_data(ready)
            raise KeyboardInterrupt
        return ready

    def _prepare_and_run(
        self,
        task: type[BaseTask],
        attempts: Sequence[TaskAttempt],
        parameters: Mapping[str, RunParameter],
        reads: Reads,
    ) -> None:
        """Measure the task attempts, and put the values that they use into `reads`."""
        with self._restore_values(attempts):
            self._apply(attempts)
            applied = select_unfailed(attempts)
            with (
                self.setup.measure_time(self.journal.states, [attempt.result for attempt in applied]),
                self._observe_reads(applied, reads),
            ):
                for attempt in applied:
                    self._prepare(attempt, parameters)
                prepared = select_unfailed(applied)
                if task.simultaneous:
                    self._run_group(task, prepared)
                else:
                    for attempt in prepared:
                        self._run(attempt)

    @contextmanager
    def _restore_values(self, attempts: Sequence[TaskAttempt]) -> Iterator[None]:
        """Give the backend the chip's values after the block, in place of those that the user of the run gives.

        Where the chip has none, the backend gets the value that it used before.
        """
        inputs = [one for attempt in attempts for one in attempt.inputs.values() if one.model.from_user]
        if not inputs:
            yield
            return
        backend = self.setup.backend
        record = partial(record_failures, *attempts, module=type(backend).__module__)
        known = {one.target: self.values.get_values(one.target) for one in inputs}
        used: Mapping[str, Mapping[str, float]] = {}
        with record(stage="backend.read_back"):
            used = {target: backend.read_back(target) for target in known}
        values: dict[str, dict[str, Parameter]] = {target: {} for target in known}
        for target, name, unit in ((one.target, one.source, one.model.unit) for one in inputs):
            if model := known[target].get(name):
                found = to_parameter(model, unit)
                values[target][name] = replace(found, calibrated_at=model.calibrated_at)
            elif name in used.get(target, {}):
                values[target][name] = Parameter(used[target][name])
        try:
            yield
        finally:
            with record(stage="backend.apply"):
                backend.apply(values)

    @contextmanager
    def _observe_reads(self, attempts: Sequence[TaskAttempt], reads: Reads) -> Iterator[None]:
        """Put the values that the task uses in the library within the block into `reads`, even if it raises."""
        backend = self.setup.backend
        record = partial(
            record_failures, *attempts, stage="backend.observe_reads", module=type(backend).__module__
        )
        observed: Mapping[str, Mapping[str, Parameter]] = {}
        try:
            with ExitStack() as observing:
                with record():
                    observed = observing.enter_context(backend.observe_reads())
                yield
        finally:
            with record():
                reads.update(observed)

    def _add_other_inputs(self, attempt: TaskAttempt, reads: Reads, *, is_alone: bool) -> None:
        """Add to the inputs of an attempt the values that its task used without being given them."""
        result, inputs = attempt.result, {}
        control = attempt.direction[0] or None
        sources = find_input_sources(attempt.task_class, result.qid, control=control)
        declared = {source: name for name, source in sources.items()}
        # The number of a multiplexer may be that of a qubit, too.
        own = result.qid if result.task_type in _LOCAL else None
        others = self._list_other_reads(attempt, reads, is_alone=is_alone)
        values = {target: self.values.get_values(target) for target in {str(read.target) for read in others}}
        for read in others:
            target, parameter = place = str(read.target), str(read.parameter)
            known = values[target].get(parameter)
            unit = read.unit or None  # none is stated
            if known is not None and to_parameter(known, unit).value != read.value:
                known = None  # the laboratory used another value
            is_plain = target == own and parameter not in attempt.task_class.input_parameters
            name = declared.get(place) or (parameter if is_plain else f"{target}:{parameter}")
            undeclared = None if place in declared else True
            inputs[name] = (
                read.model_copy(update={"undeclared": undeclared, "from_laboratory": True})
                if known is None
                else make_chip_input(
                    known, unit=unit, target=target, parameter=parameter, undeclared=undeclared
                )
            )
        if inputs:
            self.journal.states.put_input_parameters(result, {**result.input_parameters, **inputs})

    def _list_other_reads(self, attempt: TaskAttempt, reads: Reads, *, is_alone: bool) -> list[InputModel]:
        """Return the values that were used and not given.

        Of qubits or couplings that are measured together, each has used those of its target, and of both qubits of a
        coupling.
        """
        result = attempt.result
        own = {result.qid, *(split_coupling(result.qid) if result.task_type == "coupling" else ())}
        uses_all = is_alone or result.task_type not in _LOCAL
        given = {(one.target, one.source) for one in attempt.inputs.values()}
        with record_failures(
            attempt, stage="backend.observe_reads", module=type(self.setup.backend).__module__
        ):
            return [
                InputModel(value=float(read.value), unit=read.unit, target=target, parameter=name)
                for target, values in reads.items()
                if uses_all or target in own
                for name, read in values.items()
                if (target, name) not in given and math.isfinite(read.value)
            ]
        return []

    def _apply(self, attempts: Sequence[TaskAttempt]) -> None:
        """Give the backend the inputs of all targets in one call, and keep the values that it really uses."""
        backend, module = self.setup.backend, type(self.setup.backend).__module__
        wanted: dict[str, dict[str, Parameter]] = {}
        for attempt in attempts:
            for given in attempt.inputs.values():
                model = given.model
                value = model.value if model.given is None else model.given
                found = replace(to_parameter(model), value=value, calibrated_at=given.calibrated_at)
                wanted.setdefault(given.target, {})[given.source] = found
        with record_failures(*attempts, stage="backend.apply", module=module):
            backend.apply(wanted)
        if len(select_unfailed(attempts)) < len(attempts):
            return
        used: Mapping[str, Mapping[str, float]] = {}
        with record_failures(*attempts, stage="backend.read_back", module=module):
            used = {target: backend.read_back(target) for target in wanted}
        for attempt in attempts:
            try:
                inputs = {name: _merge_used_inputs(given, used) for name, given in attempt.inputs.items()}
            except Exception as error:  # noqa: BLE001  the values of a plugin's backend may be anything
                attempt.fail(_make_non_number_error(backend.name, error))
            else:
                self.journal.states.put_input_parameters(attempt.result, inputs)

    def _prepare(self, attempt: TaskAttempt, parameters: Mapping[str, RunParameter]) -> None:
        with record_failures(attempt, stage="__init__"):
            attempt.create_task(
                parameters,
                self.setup.chip,
                design=self.setup.design,
                is_starting=self.setup.is_starting,
                partial=partial(self.journal.save_raw_data, attempt.result),
                cancelled=partial(self.watchdog.should_stop, attempt),
            )
        if attempt.failure is None and attempt.task is not None:
            with record_failures(attempt, stage="preprocess"):
                attempt.task.preprocess(self.setup.backend)

    def _run(self, attempt: TaskAttempt) -> None:
        assert attempt.task is not None
        self.journal.states.put_together([attempt.result])
        with record_failures(attempt, stage="run"):
            attempt.measured = attempt.task.run(self.setup.backend)

    def _run_group(self, task: type[BaseTask], attempts: Sequence[TaskAttempt]) -> None:
        if not attempts:
            return
        self.journal.states.put_together([attempt.result for attempt in attempts])
        measured: list[object] = []
        with record_failures(*attempts, stage="run_group"):
            prepared = [attempt.task for attempt in attempts if attempt.task is not None]
            measured = list(task.run_group(self.setup.backend, prepared))
            if len(measured) != len(attempts):
                raise PluginError(
                    f"{task.name}.run_group returned {len(measured)} results for {len(attempts)} targets"
                )
        for attempt, answer in zip(attempts, measured, strict=False):
            if isinstance(answer, BaseException):
                attempt.fail(answer, "run_group")
            else:
                attempt.measured = answer

    def save_raw_data(self, attempts: Sequence[TaskAttempt]) -> None:
        """Save the raw data before the analysis; several files wait for the disk together."""
        measured = [attempt for attempt in attempts if isinstance(attempt.measured, RawData)]
        if len(measured) < 2:
            for attempt in measured:
                self._save_one(None, attempt)
            return
        with (
            save_together(self.journal.artifacts) as artifacts,
            ThreadPoolExecutor(_WRITERS) as writers,
        ):
            list(writers.map(partial(self._save_one, artifacts), measured))

    def _save_one(self, artifacts: CalibDataSaver | None, attempt: TaskAttempt) -> None:
        if isinstance(attempt.measured, RawData):
            try:
                self.journal.save_raw_data(attempt.result, attempt.measured, artifacts)
                _require_declared_units(attempt.task_class, attempt.measured)
            except Exception as error:  # noqa: BLE001  data that cannot be written fail their own target only
                attempt.fail(error, "saving raw data")

    def _save_partial_data(self, attempts: Sequence[TaskAttempt]) -> None:
        self.save_raw_data(attempts)
        for attempt in attempts:
            self.journal.find_raw_data(attempt.result)


def _require_declared_units(task: type[BaseTask], raw: RawData) -> None:
    """Raise PluginError if an array has another unit than its declaration: the analysis would read ns as us."""
    for name, (_, unit) in raw.arrays.items():
        declared = find_declared_array(task.arrays, name)
        if declared is not None and declared.unit != unit:
            raise PluginError(
                f"{task.name} measured {name} in {unit or 'no unit'}, and declares it in {declared.unit or 'none'}"
            )


def _merge_used_inputs(given: ResolvedInput, used: Mapping[str, Mapping[str, float]]) -> InputModel:
    actual = used.get(given.target, {}).get(given.source)
    if actual is None or actual == given.model.value or not math.isfinite(actual):
        return given.model
    return given.model.model_copy(update={"value": actual, "error": None, "given": given.model.value})


def _make_non_number_error(backend: str, error: BaseException) -> BackendError:
    return BackendError(f"backend {backend}: what it read back is not numbers by name: {error}")
