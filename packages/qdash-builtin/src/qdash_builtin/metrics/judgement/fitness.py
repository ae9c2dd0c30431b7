"""Fitness of a target: the table of status, trust and specification."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.metrics.definitions import FAR_WORSE
from qdash_core.models.chip import StatusReason, TargetStatus
from qdash_core.models.chip_judgement import TargetJudgement
from qdash_core.models.estimates import Parameter
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark
from qdash_core.models.targets import get_target_kind, split_coupling
from qdash_core.models.units import convert_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_core.models.chip import ParameterModel, StoredAttempt, StoredValue, StoredValues
    from qdash_core.models.chip_judgement import ValueJudgement

_FEWEST = 5
"""Minimum number of values of a metric whose median counts as usual on a chip."""
_OF_STATUS = {
    TargetStatus.EXCLUDED: Fitness.EXCLUDED,
    TargetStatus.DEAD: Fitness.DEAD,
    TargetStatus.PENDING: Fitness.UNKNOWN,
}
"""Fitness that follows from a status alone."""


class _Obstacle(NamedTuple):
    """Reason why a target is unfit, with the parameter whose value is the reason and the limit that it misses."""

    reason: StatusReason
    parameter: str = ""
    limit: float | None = None


def find_usual_minima(targets: Iterable[StoredValues], file: MetricsFile) -> dict[str, float]:
    """Return a minimum for each essential metric without an asked one: ten times worse than the median of the chip; and for angle errors.

    So a sudden loss on a few targets makes them unfit without any asked limit. `targets` are all targets of the chip.
    """
    known: dict[str, list[float]] = defaultdict(list)
    for target in targets:
        metrics = file.get_metrics(get_target_kind(target["qid"]))
        for name, value in target["data"].items():
            metric = metrics.get(name)
            if metric is None or not metric.essential or metric.minimum is not None:
                continue
            if metric.evaluation.mode != "none":
                known[name].append(metric.worsen(abs(float(value["value"])), FAR_WORSE))
    minima = {name: median(found) for name, found in known.items() if len(found) >= _FEWEST}
    return {**minima, **_find_largest_angles(file, minima)}


def _find_largest_angles(file: MetricsFile, minima: Mapping[str, float]) -> dict[str, float]:
    """Return the largest angle error of each pulse with which its gate fidelity can be at its minimum.

    A rotation that is off by the angle e has the average gate fidelity (2 + cos e) / 3 (Nielsen, Phys. Lett. A 303, 249 (2002)).
    Benchmarks of other pulses do not show it.
    """
    metrics = file.get_metrics("qubit")
    found = {}
    for name, metric in metrics.items():
        gate = metrics.get(metric.angle_error_of)
        if gate is None or metric.minimum is not None:
            continue
        least = minima.get(metric.angle_error_of) if gate.minimum is None else gate.minimum
        if least is not None:
            found[name] = math.acos(max(3 * least - 2, -1.0))
    return found


def judge_target(
    target: StoredValues,
    values: Mapping[str, ValueJudgement],
    metrics: Mapping[str, Metric],
    of_qubits: Mapping[str, TargetJudgement],
    usual_minima: Mapping[str, float],
) -> TargetJudgement:
    """Return the fitness of a target with the reasons if it is unfit or degraded.

    `of_qubits` judges the qubits of a coupling; `usual_minima` are those of metrics without an asked one.
    """
    if (fitness := _OF_STATUS.get(target["status"])) is not None:
        return TargetJudgement(fitness, (), values)
    if obstacles := [*_iter_obstacles(target, values, metrics, of_qubits, usual_minima)]:
        reasons = tuple(one.reason.text for one in obstacles)
        missed = {one.parameter: one.limit for one in obstacles if one.parameter}
        return TargetJudgement(Fitness.UNFIT, reasons, values, obstacles[0].reason, missed)
    if reasons := tuple(_iter_defects(target, values, metrics)):
        return TargetJudgement(Fitness.DEGRADED, reasons, values)
    return TargetJudgement(Fitness.FIT, (), values)


def _iter_obstacles(
    target: StoredValues,
    values: Mapping[str, ValueJudgement],
    metrics: Mapping[str, Metric],
    of_qubits: Mapping[str, TargetJudgement],
    usual_minima: Mapping[str, float],
) -> Iterator[_Obstacle]:
    """Yield why a target is unfit."""
    qid, data = target["qid"], target["data"]
    if target["status"] is TargetStatus.FAILED:
        reason = target.get("status_reason")
        yield _Obstacle(_make_reason("failed" if reason is None else f"failed: {reason.text}", reason))
    if "-" in qid:
        yield from _iter_obstacles_of_coupling(qid, values, of_qubits)
    for name, judged in sorted(values.items()):
        metric = metrics.get(name)
        if metric is None:
            continue
        usual = usual_minima.get(name)
        if judged.flagged is not None and (missed := _find_limit(metric, judged.flagged, usual, metrics)):
            reason = _make_reason(f"a flagged {metric.title} is {missed[0]}", target["disputes"][name])
            yield _Obstacle(reason, name, missed[1])
        # Values are not looked at only of a failed target or of one whose qubit failed, which are reasons above.
        if metric.essential and not judged.trust.in_use:
            failure = target.get("failures", {}).get(name)
            yield _Obstacle(_make_reason(f"{metric.title} is {judged.trust.words}", failure), name)
        elif judged.trust is Trust.TRUSTED and (
            missed := _find_limit(metric, float(data[name]["value"]), usual, metrics)
        ):
            yield _Obstacle(_make_reason(f"{metric.title} is {missed[0]}", data[name]), name, missed[1])


def _make_reason(text: str, result: StatusReason | StoredAttempt | StoredValue | None = None) -> StatusReason:
    """Return a reason with the result behind it."""
    known = result.model_dump() if isinstance(result, StatusReason) else result or {}
    return StatusReason(
        text=text, task_id=known.get("task_id", ""), execution_id=known.get("execution_id", "")
    )


def _find_limit(
    metric: Metric, value: float, usual: float | None, metrics: Mapping[str, Metric]
) -> tuple[str, float | None] | None:
    """Return which minimum a value misses, in words and as a stored value, or None if its target may be used."""
    if not metric.allows_use(value):
        return f"beyond the minimum of {metric.format_limit(metric.minimum)}", metric.minimum
    if usual is None or metric.compute_lead(value, usual) >= 0:
        return None
    limit = metric.format_limit(round(usual, 3))
    if metric.angle_error_of:
        return f"beyond the {limit} that the minimum of {metrics[metric.angle_error_of].title} allows", usual
    return f"far worse than usual on this chip: beyond {limit}", usual


def _iter_obstacles_of_coupling(
    qid: str, values: Mapping[str, ValueJudgement], of_qubits: Mapping[str, TargetJudgement]
) -> Iterator[_Obstacle]:
    """Yield why a coupling is unfit: a qubit of it is, or its gate is a broken set, with a parameter of this set."""
    for qubit in split_coupling(qid):
        judged = of_qubits.get(qubit)
        if judged is not None and not judged.fitness.permits_use:
            yield _Obstacle(_make_reason(f"qubit {qubit} is {judged.fitness}", judged.cause))
    broken = {
        mark.reason: name
        for name, value in values.items()
        for mark in value.marks
        if mark.trust is Trust.DOUBTFUL and mark.mark is Mark.SET_BROKEN
    }
    yield from (_Obstacle(_make_reason(reason), name) for reason, name in broken.items())


def _iter_defects(
    target: StoredValues, values: Mapping[str, ValueJudgement], metrics: Mapping[str, Metric]
) -> Iterator[str]:
    """Yield why a target is degraded: a value that gates need is doubtful or out of specification."""
    for name, judged in sorted(values.items()):
        metric = metrics.get(name)
        if metric is None or not metric.essential:
            continue
        if judged.trust is Trust.DOUBTFUL:
            yield f"{metric.title} is {judged.trust.words}: {judged.doubts[0]}"
        if not metric.is_within(float(target["data"][name]["value"])):
            yield f"{metric.title} is out of specification ({metric.specification})"


def add_flagged_values(
    values: Mapping[str, ValueJudgement],
    target: StoredValues,
    flagged: Mapping[str, Mapping[str, ParameterModel]],
) -> dict[str, ValueJudgement]:
    """Return the judged values, each with the newer flagged value that disagrees with it."""
    found = dict(values)
    for name in target.get("disputes", {}).keys() & values.keys():
        judged = values[name]
        if any(one.mark is Mark.DISPUTED and one.trust is Trust.DOUBTFUL for one in judged.marks):
            new = flagged.get(target["disputes"][name]["task_id"], {}).get(name)
            if new is not None:
                unit = target["data"][name].get("unit", "")
                number = convert_alike(Parameter(new.value, new.error, new.unit), unit).value
                found[name] = replace(judged, flagged=float(number))
    return found
