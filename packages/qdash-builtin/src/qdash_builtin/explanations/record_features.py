"""Features of a result from its record, the values before it and the history of its target, as a pure function."""

from __future__ import annotations

import math
from collections.abc import Sized
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, cast

from qdash_builtin.explanations.considered_results import get_measured_at
from qdash_builtin.explanations.failure_reasons import classify_failure
from qdash_builtin.task_pages.feature_names import REASONS
from qdash_core.errors import InvalidInputError
from qdash_core.models.references import Reference
from qdash_core.models.task import Outcome
from qdash_core.tasks.run_parameters import RunParameter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.explanations.features import Features
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import ResultBrief, RunParameterModel, TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import ValueType

LAST_RESULTS = 5
"""Number of earlier results in `failures_before`."""
_LEAST_OF_CHIP = 3
"""Least number of other targets with a value, for its median."""
_S_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """Records about a target besides the result.

    Parameters
    ----------
    values : mapping of str to ParameterModel
        Accepted values of the target before the result.
    others : mapping of str to sequence of float
        Accepted values of the other targets of the chip, by name.
    input_times : mapping of str to datetime
        Times of the measurements of inputs, by result.
    history : sequence of ResultBrief
        Results of the task on the target before this one, newest first.
    changes : sequence of ValueChangeModel
        Changes of the inputs by users before the result, newest first.
    """

    values: Mapping[str, ParameterModel] = field(default_factory=dict)
    design: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, Sequence[float]] = field(default_factory=dict)
    input_times: Mapping[str, datetime] = field(default_factory=dict)
    history: Sequence[ResultBrief] = ()
    changes: Sequence[ValueChangeModel] = ()


def add_record_features(
    features: Features, result: TaskResultModel, task: type[BaseTask] | None, known: KnownBefore
) -> None:
    """Add the features of a result from its record and the records about its target."""
    for outcome in (Outcome.FAILED, Outcome.FLAGGED, Outcome.ACCEPTED, Outcome.SKIPPED, Outcome.CANCELLED):
        features.put(str(outcome), float(result.outcome == outcome))
    reasons = classify_failure(result)
    for reason in REASONS:
        features.put(f"reason.{reason}", float(reason in reasons))
    features.put("attempt", result.attempt)
    if result.measurement_complete is not None:
        features.put("measured", float(result.measurement_complete))
    features.put("r2", result.r2)
    for name, value in result.quality.items():
        features.put(f"quality.{name}", value)
    features.put("reduced_chi2", result.quality.get("reduced_chi2"))
    _add_outputs(features, result, known)
    _add_inputs(features, result, known)
    _add_parameters(features, result, task)
    _add_history(features, result, known)


def _add_outputs(features: Features, result: TaskResultModel, known: KnownBefore) -> None:
    for name, found in result.output_parameters.items():
        features.put(f"output.{name}", found.value)
        features.put(f"error.{name}", found.error)
        others = known.others.get(name, ())
        if len(others) >= _LEAST_OF_CHIP and (middle := median(others)):
            features.put(f"chip_ratio.{name}", found.value / middle)
        if name in known.design:
            features.put(f"design_offset.{name}", found.value - known.design[name])
        before = known.values.get(name)
        if before is None or (before.unit and found.unit and before.unit != found.unit):
            continue
        source = [Reference("result", before.task_id)] if before.task_id else []
        offset = found.value - before.value
        features.put(f"offset.{name}", offset, sources=source)
        if before.value:
            features.put(f"change.{name}", found.value / before.value, sources=source)
        error = math.hypot(found.error or 0.0, before.error or 0.0)
        if error > 0:
            features.put(f"change_sigma.{name}", offset / error, sources=source)


def _add_inputs(features: Features, result: TaskResultModel, known: KnownBefore) -> None:
    ages = []
    measured_at = get_measured_at(result)
    for name, used in result.input_parameters.items():
        features.put(f"input.{name}", used.value)
        input_at = known.input_times.get(used.task_id)
        if input_at is None or measured_at is None:
            continue
        age = (measured_at - input_at).total_seconds() / _S_PER_H
        source = Reference("result", used.task_id)
        features.put(f"input_age_h.{name}", age, sources=[source])
        ages.append((age, name, source))
    if ages:
        age, _, source = max(ages, key=lambda one: one[0])
        features.put("oldest_input_h", age, sources=[source])
    if known.changes and measured_at is not None:
        change = known.changes[0]
        age = (measured_at - change.created_at).total_seconds() / _S_PER_H
        source = Reference("value-change", f"{change.chip_id}/{change.number}")
        features.put("input_by_user_h", age, sources=[source])


def _add_parameters(features: Features, result: TaskResultModel, task: type[BaseTask] | None) -> None:
    for name, used in result.run_parameters.items():
        number = _measure(used)
        features.put(f"parameter.{name}", number)
        declared = None if task is None else task.run_parameters.get(name)
        usual = None if declared is None else _measure(declared)
        if number is not None and usual:
            features.put(f"parameter_ratio.{name}", number / usual)


def _measure(parameter: RunParameter | RunParameterModel) -> float | None:
    """Return a number, or the length of a sweep or list; None for texts and values that the task chooses."""
    try:
        value = RunParameter(parameter.value, cast("ValueType", parameter.value_type)).resolved()
    except (InvalidInputError, TypeError, ValueError):  # an imported or old record
        return None
    if isinstance(value, int | float):
        return float(value)
    return float(len(value)) if isinstance(value, Sized) and not isinstance(value, str) else None


def _add_history(features: Features, result: TaskResultModel, known: KnownBefore) -> None:
    last = known.history[:LAST_RESULTS]
    failed = [one for one in last if one.status == Outcome.FAILED]
    features.put("results_before", len(last))
    if last:
        sources = [Reference("result", one.task_id) for one in failed]
        features.put("failures_before", len(failed), sources=sources)
    measured_at = get_measured_at(result)
    for one in known.history:
        if one.accepted and one.start_at and measured_at:
            age = (measured_at - datetime.fromisoformat(one.start_at)).total_seconds() / _S_PER_H
            features.put("hours_since_success", age, sources=[Reference("result", one.task_id)])
            return
