"""Resolution of task inputs from the latest accepted values, or defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from qdash_core.errors import InvalidInputError, MissingInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import split_coupling
from qdash_core.models.task import InputModel
from qdash_core.models.units import are_alike, convert_alike, describe_unit
from qdash_core.repositories.chips import get_target_repository, list_targets
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.retry import StoreRetry
from qdash_core.values.measuring_conditions import make_setting_histories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.chip import CouplingModel, Line, ParameterModel, QubitModel
    from qdash_core.models.cooldown import CooldownModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.parameters import InputParameter


class ValueSource(Protocol):
    """Read access to the latest accepted values."""

    def get_values(self, target: str) -> Mapping[str, ParameterModel]:
        """Return the values of a qubit or coupling by name."""

    def expects_signal(self, target: str, names: Iterable[str]) -> bool:
        """Return whether a measurement of these parameters of a qubit or coupling should show a signal."""


ChangeTarget = Callable[["QubitModel | CouplingModel"], "QubitModel | CouplingModel"]
"""Function that returns a qubit or coupling with changes that are not stored with the chip."""


def to_parameter(model: InputModel | ParameterModel, unit: str | None = None) -> Parameter:
    """Return a stored estimate in the form that tasks use, in a unit of its dimension if one is given. Empty text is the unit 1."""
    estimate = Parameter(model.value, model.error, model.unit)
    return estimate if unit is None else convert_alike(estimate, unit)


def make_chip_input(
    known: ParameterModel,
    *,
    unit: str | None,
    target: str,
    parameter: str,
    undeclared: bool | None = None,
) -> InputModel:
    """Return a value of the chip as an input, in `unit` if one is given and the value states none or one of its dimension."""
    estimate = to_parameter(known, unit)
    return _make_input(
        value=estimate.value,
        error=estimate.error,
        unit=estimate.unit,
        task_id=known.task_id,
        simulated=known.simulated,
        target=target,
        parameter=parameter,
        undeclared=undeclared,
    )


@lru_cache(maxsize=8192, typed=True)
def _make_input(**fields: Any) -> InputModel:
    """Return an input; one for all tasks that use the value, since a run keeps the inputs of thousands of results."""
    return InputModel(**fields)


class LatestValues:
    """The latest accepted values of one chip, read from the store on demand.

    `retry` has the retries while the store is away, or is None to fail at once. `change` applies the changes of a run
    that does not write to the chip (simulated, unsaved or in a value scope), or is None to read only the store.
    """

    def __init__(
        self,
        store: Store,
        project_id: str,
        chip_id: str,
        *,
        retry: StoreRetry | None = None,
        change: ChangeTarget | None = None,
    ) -> None:
        self._store = store
        self._chip = (project_id, chip_id)
        self._with_retry = retry or StoreRetry(0.0)
        self._change = change
        self._known: dict[str, QubitModel | CouplingModel | None] | None = None

    def read_together(self, targets: Collection[str]) -> LatestValues:
        """Return the present values: those of several targets are read now, in one snapshot, and each other target once."""
        now = LatestValues(self._store, *self._chip, retry=self._with_retry, change=self._change)
        now._known = self._with_retry(partial(self._find_all, targets)) if len(targets) > 1 else {}
        return now

    def get_values(self, target: str) -> Mapping[str, ParameterModel]:
        """Return the values of a qubit or coupling by name; empty for other targets."""
        return self._with_retry(partial(self._read, target))

    def get_previous(
        self, target: str, cooldown_id: str | None, lines: Mapping[str, Line | None], *, at: datetime
    ) -> Mapping[str, ParameterModel]:
        """Return the values with which a result is compared. Those of another cool-down or setting have no time: they are only starting values.

        `lines` has the line whose settings must be the same, by parameter.
        """
        known = self._with_retry(partial(self._find, target))
        if known is None or not known.data:
            return {}
        cooldown = (
            None if cooldown_id is None else self._with_retry(partial(self._find_cooldown, cooldown_id))
        )
        qubits = map(self._find, split_coupling(target)) if "-" in target else (known,)
        settings = make_setting_histories(
            change for one in qubits if one for change in one.settings if change.at <= at
        )

        def is_start(name: str, measured_at: datetime) -> bool:
            return (cooldown is not None and not cooldown.includes(measured_at)) or any(
                lines.get(name) in one.last.lines and one.differs(measured_at) for one in settings
            )

        return {
            name: one.model_copy(update={"calibrated_at": None})
            if one.calibrated_at is not None and is_start(name, one.calibrated_at)
            else one
            for name, one in known.data.items()
        }

    def expects_signal(self, target: str, names: Iterable[str]) -> bool:
        """Return whether a measurement of these parameters should show a signal; False for other targets."""
        found = self._with_retry(partial(self._find, target))
        return found is not None and found.expects_signal(names)

    def _read(self, target: str) -> Mapping[str, ParameterModel]:
        found = self._find(target)
        return {} if found is None else found.data

    def _find_cooldown(self, cooldown_id: str) -> CooldownModel | None:
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(CooldownRepository).find(self._chip[0], cooldown_id)

    def _find_all(self, targets: Collection[str]) -> dict[str, QubitModel | CouplingModel | None]:
        with self._store.read() as snapshot:
            stored = list_targets(Repositories(snapshot), *self._chip, targets)
        found = stored if self._change is None else map(self._change, stored)
        return {**dict.fromkeys(targets), **{one.qid: one for one in found}}

    def _find(self, target: str) -> QubitModel | CouplingModel | None:
        if self._known is None:
            return self._find_now(target)
        if target not in self._known:
            self._known[target] = self._find_now(target)
        return self._known[target]

    def _find_now(self, target: str) -> QubitModel | CouplingModel | None:
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = get_target_repository(repositories, target).find(*self._chip, target)
        return found if found is None or self._change is None else self._change(found)


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """An input with its source target and parameter and its calibration time, or None for a default."""

    target: str
    source: str
    model: InputModel
    calibrated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs of the tasks of one run.

    `makers` has the tasks that produce each parameter. `controls` has the control qubit by coupling, where one has
    been chosen, read at the start of each task. The inputs of the result `recorded`, if any, replace the latest
    values. `units` has the unit of each quantity, in which inputs are recorded and given to the backend. A task gets
    them in the unit that it declares.
    """

    values: ValueSource
    makers: Mapping[str, Iterable[str]]
    controls: Mapping[str, str]
    recorded: TaskResultModel | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def resolve(
        self, task: type[BaseTask], qid: str, given: Mapping[str, Parameter] = MappingProxyType({})
    ) -> dict[str, ResolvedInput]:
        """Return the inputs of a task on a target by declared name.

        `given` has the inputs that the run gives the task, by declared name. They replace recorded and latest values.

        Raises
        ------
        MissingInputError
            If a required input has neither an accepted value nor a default. The message names the task that
            produces it.
        """
        sources = self.find_sources(task, qid)
        resolved = self._resolve(task, sources, given)
        return {
            name: replace(one, model=_convert(task, name, one, self.units)) for name, one in resolved.items()
        }

    def _resolve(
        self,
        task: type[BaseTask],
        sources: Mapping[str, tuple[str, str]],
        given: Mapping[str, Parameter],
    ) -> dict[str, ResolvedInput]:
        """Return the inputs, each in the unit of its origin."""
        resolved = {name: _resolve_given(*sources[name], value) for name, value in given.items()}
        if self.recorded is not None:
            return _resolve_recorded(task, self.recorded, sources, resolved)
        known_of = {
            target: self.values.get_values(target) for target in {target for target, _ in sources.values()}
        }
        for name, declared in task.input_parameters.items():
            if name in given:
                continue
            target, source = sources[name]
            known = known_of[target].get(source)
            if known is not None:
                unit = self.units.get(source, declared.unit)
                model = make_chip_input(known, unit=unit, target=target, parameter=source)
            elif declared.default is not None:
                model = InputModel(
                    value=declared.default, unit=declared.unit, target=target, parameter=source
                )
            elif declared.required:
                raise MissingInputError(_describe_missing_input(task, source, target, self.makers))
            else:
                continue
            calibrated_at = None if known is None else known.calibrated_at
            resolved[name] = ResolvedInput(target, source, model, calibrated_at)
        return resolved

    def find_sources(self, task: type[BaseTask], qid: str) -> dict[str, tuple[str, str]]:
        """Return for each declared input the target and parameter that it is read from."""
        return find_input_sources(task, qid, control=self.controls.get(qid))

    def get_direction(self, task: type[BaseTask], qid: str) -> tuple[str, str]:
        """Return the control and target qubit of a coupling; empty for other targets."""
        return get_direction(qid, self.controls.get(qid)) if task.task_type == "coupling" else ("", "")


def _convert(task: type[BaseTask], name: str, one: ResolvedInput, units: Mapping[str, str]) -> InputModel:
    """Return an input in the unit of its quantity; raise InvalidInputError if the task reads it in another dimension."""
    declared, model = task.input_parameters.get(name), one.model
    if declared is not None and declared.unit and model.unit and not are_alike(model.unit, declared.unit):
        raise InvalidInputError(
            f"{task.name} reads {one.source} of {one.target} in {describe_unit(declared.unit)}, but its value is in "
            f"{describe_unit(model.unit)}: measure it again, or correct it with `qdash values set`"
        )
    if (unit := units.get(one.source)) is None or model.unit == unit:
        return model
    estimate = to_parameter(model, unit)
    changed = {"value": estimate.value, "error": estimate.error, "unit": estimate.unit}
    if model.given is not None:
        changed["given"] = convert_alike(Parameter(model.given, None, model.unit), unit).value
    return model.model_copy(update=changed)


def _resolve_given(target: str, source: str, value: Parameter) -> ResolvedInput:
    model = InputModel(
        value=value.value,
        error=value.error,
        unit=value.unit,
        target=target,
        parameter=source,
        from_user=True,
    )
    return ResolvedInput(target, source, model)


def _resolve_recorded(
    task: type[BaseTask],
    result: TaskResultModel,
    sources: Mapping[str, tuple[str, str]],
    given: Mapping[str, ResolvedInput],
) -> dict[str, ResolvedInput]:
    """Return the given inputs, those of a recorded result, including undeclared ones, and the defaults of inputs that it did not record."""
    resolved = dict(given)
    for name, model in result.input_parameters.items():
        if name in given:
            continue
        place = _find_recorded_place(model) or sources.get(name)
        declared = task.input_parameters.get(name)
        if place is None:
            raise InvalidInputError(
                f"result {result.task_id} recorded the input {name}, which {task.name} no longer declares; "
                f"{_MEASURE_ANEW}"
            )
        if declared is not None and model.unit and declared.unit and not are_alike(model.unit, declared.unit):
            raise InvalidInputError(
                f"result {result.task_id} recorded the input {name} in {model.unit}, but {task.name} now reads it in {declared.unit}; "
                f"{_MEASURE_ANEW}"
            )
        resolved[name] = ResolvedInput(*place, model)
    for name, declared in task.input_parameters.items():
        if name in resolved:
            continue
        target, source = sources[name]
        if declared.default is not None:
            model = InputModel(value=declared.default, unit=declared.unit, target=target, parameter=source)
            resolved[name] = ResolvedInput(target, source, model)
        elif declared.required:
            raise MissingInputError(
                f"result {result.task_id} recorded no value of {source} of {target}, which {task.name} needs; {_MEASURE_ANEW}"
            )
    return resolved


_MEASURE_ANEW = "`qdash task run` measures with the chip's latest values"


def _find_recorded_place(model: InputModel) -> tuple[str, str] | None:
    """Return the target and parameter of a recorded input, or None if its record is older than these fields."""
    return None if model.target is None or model.parameter is None else (model.target, model.parameter)


def find_input_sources(
    task: type[BaseTask], qid: str, *, control: str | None = None
) -> dict[str, tuple[str, str]]:
    """Return for each declared input the target and parameter that it is read from."""
    return {
        name: (_get_target(declared, qid, control), declared.source or name)
        for name, declared in task.input_parameters.items()
    }


def _get_target(declared: InputParameter, qid: str, control: str | None) -> str:
    if "-" not in qid or declared.role == "coupling":
        return qid
    controlling, controlled = get_direction(qid, control)
    return controlled if declared.role == "target" else controlling


def get_direction(coupling: str, control: str | None) -> tuple[str, str]:
    """Return the control and target qubit of a coupling; if `control` is None, the lower number controls."""
    first, second = split_coupling(coupling)
    return (second, first) if control == second else (first, second)


def _describe_missing_input(
    task: type[BaseTask], source: str, target: str, makers: Mapping[str, Iterable[str]]
) -> str:
    made_by = [name for name in makers.get(source, ()) if name != task.name]
    hint = f"run {' or '.join(made_by)} first" if made_by else "no installed task makes it"
    return f"{task.name} needs {source} of {target}, which has no accepted value: {hint}"
