"""The part of a task that touches hardware: give inputs to the library, prepare, measure, and keep what came of it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.attempt import failing, unfailed
from qdash_core.errors import BackendError, PluginError, TaskStuckError, TaskTimeoutError
from qdash_core.models.raw_data import RawData
from qdash_core.models.task import InputModel
from qdash_core.tasks.inputs import as_parameter
from qdash_core.tasks.parameters import declared_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.attempts.attempt import Attempt
    from qdash_core.attempts.journal import Journal
    from qdash_core.attempts.setup import Setup
    from qdash_core.attempts.watchdog import Watchdog
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.inputs import ResolvedInput
    from qdash_core.tasks.run_parameters import RunParameter

_WRITERS = 8
"""Files that are written at once: a disk confirms several about as fast as one."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures on a setup, watched over; what is used and what is measured goes into the journal."""

    setup: Setup
    journal: Journal
    watchdog: Watchdog

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
        ready = unfailed(attempts)
        if not ready:
            return
        try:
            work = partial(self._prepare_and_run, task, ready, parameters)
            self.watchdog.within(task.timeout_s, ready, work, task.name)
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

    def _prepare_and_run(
        self, task: type[BaseTask], attempts: Sequence[Attempt], parameters: Mapping[str, RunParameter]
    ) -> None:
        self._apply(attempts)
        applied = unfailed(attempts)
        with self.setup.timing(self.journal.states, [attempt.result for attempt in applied]):
            for attempt in applied:
                self._prepare(attempt, parameters)
            prepared = unfailed(applied)
            if task.simultaneous:
                self._run_group(task, prepared)
            else:
                for attempt in prepared:
                    self._run(attempt)

    def _apply(self, attempts: Sequence[Attempt]) -> None:
        """Put the inputs of all targets into the library at once, and keep what it really uses."""
        backend, module = self.setup.backend, type(self.setup.backend).__module__
        wanted: dict[str, dict[str, Parameter]] = {}
        for attempt in attempts:
            for given in attempt.inputs.values():
                found = replace(as_parameter(given.model), calibrated_at=given.calibrated_at)
                wanted.setdefault(given.target, {})[given.source] = found
        with failing(*attempts, stage="backend.apply", module=module):
            backend.apply(wanted)
        if len(unfailed(attempts)) < len(attempts):
            return
        used: Mapping[str, Mapping[str, float]] = {}
        with failing(*attempts, stage="backend.read_back", module=module):
            used = {target: backend.read_back(target) for target in wanted}
        for attempt in attempts:
            try:
                inputs = {name: _as_used(given, used) for name, given in attempt.inputs.items()}
            except Exception as error:  # noqa: BLE001  whatever a backend gives for numbers
                attempt.fail(_not_numbers(backend.name, error))
            else:
                self.journal.states.put_input_parameters(attempt.result, inputs)

    def _prepare(self, attempt: Attempt, parameters: Mapping[str, RunParameter]) -> None:
        with failing(attempt, stage="__init__"):
            attempt.construct(
                parameters,
                self.setup.chip,
                design=self.setup.design,
                partial=partial(self.journal.keep, attempt.result),
                cancelled=partial(self.watchdog.tells_to_stop, attempt),
            )
        if attempt.failure is None and attempt.task is not None:
            with failing(attempt, stage="preprocess"):
                attempt.task.preprocess(self.setup.backend)

    def _run(self, attempt: Attempt) -> None:
        assert attempt.task is not None
        with failing(attempt, stage="run"):
            attempt.measured = attempt.task.run(self.setup.backend)

    def _run_group(self, task: type[BaseTask], attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        measured: list[object] = []
        with failing(*attempts, stage="run_group"):
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
                self.journal.keep(attempt.result, attempt.measured)
                _require_declared_units(attempt.task_class, attempt.measured)
            except Exception as error:  # noqa: BLE001  one target's unwritable data are its own failure
                attempt.fail(error, "saving raw data")

    def _keep_what_there_is(self, attempts: Sequence[Attempt]) -> None:
        self._keep_all(attempts)
        for attempt in attempts:
            self.journal.find_kept(attempt.result)


def _require_declared_units(task: type[BaseTask], raw: RawData) -> None:
    """Refuse an array in another unit than the declared one, after it is kept: the analysis would take ns for us."""
    for name, (_, unit) in raw.arrays.items():
        declared = declared_array(task.arrays, name)
        if declared is not None and declared.unit != unit:
            raise PluginError(
                f"{task.name} measured {name} in {unit or 'no unit'}, and declares it in {declared.unit or 'none'}"
            )


def _as_used(given: ResolvedInput, used: Mapping[str, Mapping[str, float]]) -> InputModel:
    actual = used.get(given.target, {}).get(given.source)
    if actual is None or actual == given.model.value or not math.isfinite(actual):
        return given.model
    return InputModel(value=actual, unit=given.model.unit)


def _not_numbers(backend: str, error: BaseException) -> BackendError:
    return BackendError(f"backend {backend}: what it read back is not numbers by name: {error}")
