"""Result processor: check the output of an analysis against the declaration, judge it, and end the result."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.state_manager import TaskOutcome
from qdash_core.attempts.task_attempt import record_failures
from qdash_core.errors import AnalysisError, InvalidInputError, StoreError
from qdash_core.models.base import as_json
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import Parameter, is_usable_number
from qdash_core.models.raw_data import RawData
from qdash_core.models.task import TaskResultModel, Verdict
from qdash_core.models.units import are_same, convert_alike, convert_parameter, normalize_unit
from qdash_core.process.clock import utc_now
from qdash_core.repositories.documents import LARGEST_DOCUMENT, estimate_size
from qdash_core.tasks.base import BaseTask, TaskOutput
from qdash_core.validation.verdicts import Candidate, Validator, find_verdict
from qdash_core.values.measuring_conditions import describe_readout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.attempts.recent_results import RecentResults
    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.attempts.task_attempt import TaskAttempt
    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import Line
    from qdash_core.tasks.inputs import LatestValues
    from qdash_core.tasks.quantities import Quantity


class ResultProcessor:
    """Judge of analysed task attempts.

    The validators are called in this order after every task; they see the values of the target and the earlier
    results of `history`, or none. Values are judged by the limits of `quantities`, and recorded in their units.
    `topology` is for the conditions of readouts; None if unknown.
    """

    def __init__(
        self,
        validators: Sequence[Validator],
        states: TaskStateManager,
        history: RecentResults | None = None,
        *,
        quantities: Mapping[str, Quantity] = MappingProxyType({}),
        topology: Topology | None = None,
    ) -> None:
        self._muxes = {} if topology is None else {site.id: site.mux for site in topology.qubits}
        self._quantities = quantities
        # Figures of merit (those with an ideal value) are compared under all settings: their loss is always flagged.
        self._compared_lines = {name: one.line for name, one in quantities.items() if one.ideal is None}
        self._validators = tuple(validators)
        self._states = states
        self._history = history

    def judge(
        self,
        attempt: TaskAttempt,
        values: LatestValues,
        *,
        measured_at: datetime | None = None,
        complete: bool = True,
        accepting: Callable[[], None] | None = None,
    ) -> None:
        """Judge the output of a task attempt that has been analysed, and end its result. An invalid output fails it.

        `values` has the values to compare with. `measured_at` is None for now. `complete` tells whether every declared
        output is required, except optional ones; False for a user's analysis. `accepting`, if given, is called before
        the result ends if its values are going to become the chip's, or those of a value scope. It may fail the task
        attempt.

        Raises
        ------
        StoreError
            If the values or the earlier results of the target could not be read.
        """
        if attempt.failure is not None:
            return
        now, qid = measured_at or utc_now(), attempt.result.qid
        previous = values.get_previous(qid, attempt.result.cooldown_id, self._compared_lines, at=now)
        with record_failures(attempt, stage="postprocess"):
            outcome = self.process(
                attempt.task_class,
                attempt.result,
                attempt.output,
                raw=attempt.measured if isinstance(attempt.measured, RawData) else None,
                previous=previous,
                now=now,
                complete=complete,
            )
            if accepting is not None and outcome.verdict is Verdict.ACCEPTED and attempt.result.kept:
                accepting()
            if attempt.failure is None:
                self._states.settle(attempt.result, outcome)
        if attempt.stage == "postprocess" and isinstance(attempt.failure, StoreError):
            raise attempt.failure  # it is not the task that failed

    def process(
        self,
        task: type[BaseTask],
        result: TaskResultModel,
        output: object,
        *,
        raw: RawData | None = None,
        previous: Mapping[str, ParameterModel],
        now: datetime,
        complete: bool = True,
    ) -> TaskOutcome:
        """Return the judged outcome of `output`, after checking it against the declaration of `task`.

        Raises
        ------
        AnalysisError
            If it is not a `TaskOutput`, lacks a declared output, or has an undeclared one.
        """
        checked = _check_output(task, output, self._quantities, complete=complete)
        history = () if self._history is None else self._history.list_before(result)
        past = {
            name: _prepare_previous(known, self._quantities.get(name)) for name, known in previous.items()
        }
        readout = describe_readout(result, self._muxes)
        conditions = {name: readout for name in checked.parameters if self._get_line(task, name) == "readout"}
        candidate = Candidate(
            task,
            result.qid,
            checked,
            past,
            result.execution_id,
            history,
            quantities=self._quantities,
            conditions=conditions,
        )
        found = find_verdict(candidate, self._validators, raw)
        parameters = {
            name: _model(parameter, task, name, result, now, conditions.get(name, ""))
            for name, parameter in checked.parameters.items()
            if found.verdict is not Verdict.REJECTED or _is_storable(parameter)
        }
        return TaskOutcome(
            verdict=found.verdict,
            reasons=found.reasons,
            flagged_by=found.flagged_by,
            parameters=parameters,
            r2=_is_finite(checked.r2),
            quality={name: float(value) for name, value in checked.quality.items() if math.isfinite(value)},
            note=_note(task, checked.note),
        )

    def _get_line(self, task: type[BaseTask], name: str) -> Line | None:
        """Return the line on whose settings a parameter depends, as the task or another one declares it."""
        quantity = self._quantities.get(name)
        return task.output_parameters[name].line or (None if quantity is None else quantity.line)


def _check_output(
    task: type[BaseTask], output: object, quantities: Mapping[str, Quantity], *, complete: bool
) -> TaskOutput:
    """Return an output with all values in the units of their quantities."""
    if not isinstance(output, TaskOutput):
        raise AnalysisError(f"{task.name}.postprocess returned {type(output).__name__}, not TaskOutput")
    declared = task.output_parameters
    absent = [name for name in declared if name not in output.parameters and not declared[name].optional]
    if absent and complete:
        raise AnalysisError(f"{task.name} declares {', '.join(absent)} and did not deliver")
    for name, parameter in output.parameters.items():
        if name not in declared:
            raise AnalysisError(f"{task.name} delivered {name}, which it does not declare")
        if not isinstance(parameter, Parameter):
            raise AnalysisError(f"{task.name}: {name} is {type(parameter).__name__}, not Parameter")
        if isinstance(parameter.value, bool) or not isinstance(parameter.value, Real):
            raise AnalysisError(f"{task.name}: {name} is {parameter.value!r}, not a number")
    return replace(
        output,
        parameters={
            name: convert_alike(
                _convert(task, name, parameter, declared[name].unit),
                quantities.get(name, declared[name]).unit,
            )
            for name, parameter in output.parameters.items()
        },
    )


def _convert(task: type[BaseTask], name: str, parameter: Parameter, declared: str) -> Parameter:
    """Return an estimate in the declared unit, which one without a unit has."""
    unit = normalize_unit(declared)
    if not parameter.unit or are_same(parameter.unit, unit):
        return replace(parameter, unit=unit)
    try:
        return convert_parameter(name, parameter, unit)
    except InvalidInputError as error:
        raise AnalysisError(f"{task.name}: {error}") from error


def _prepare_previous(known: ParameterModel, quantity: Quantity | None) -> ParameterModel:
    """Return a value of the chip in the unit of its quantity, without a time in the future.

    Such a time would make every later value a jump that nothing confirms.
    """
    if quantity is not None and known.unit != quantity.unit:
        given = Parameter(known.value, known.error, known.unit)
        known = known.with_estimate(convert_alike(given, quantity.unit))
    if known.calibrated_at is None or known.calibrated_at <= utc_now():
        return known
    return known.model_copy(update={"calibrated_at": None})


def _note(task: type[BaseTask], note: Mapping[str, Any]) -> dict[str, Any]:
    if not note:
        return {}
    size = estimate_size(note)
    if size > LARGEST_DOCUMENT:
        raise AnalysisError(
            f"{task.name}: the note holds {size / 2**20:.1f} MiB, and {LARGEST_DOCUMENT / 2**20:.0f} MiB can be kept: what "
            "is large belongs into raw data"
        )
    try:
        plain: dict[str, Any] = as_json(dict(note))
    except (TypeError, ValueError, RecursionError) as error:
        raise AnalysisError(f"{task.name}: the note is not JSON: {error}") from error
    return plain


def _is_finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(number)


def _is_storable(parameter: Parameter) -> bool:
    """Return whether the numbers may be stored."""
    return is_usable_number(parameter.value) and is_usable_number(parameter.error or 0.0)


def _model(
    parameter: Parameter,
    task: type[BaseTask],
    name: str,
    result: TaskResultModel,
    now: datetime,
    condition: str,
) -> ParameterModel:
    declared = task.output_parameters[name]
    whole = isinstance(parameter.value, int) and not isinstance(parameter.value, bool)
    return ParameterModel(
        value=parameter.value if whole else float(parameter.value),
        value_type="int" if whole else "float",
        error=None if parameter.error is None else float(parameter.error),
        unit=parameter.unit,
        description=declared.description,
        calibrated_at=now,
        execution_id=result.execution_id,
        task_id=result.task_id,
        simulated=result.simulated or None,
        condition=condition or None,
    )
