"""Fitness of a target: the table of status, trust and specification."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.models.chip import TargetStatus
from qdash_core.models.estimates import Parameter
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark
from qdash_core.models.targets import split_coupling
from qdash_core.models.units import convert_alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.metrics.definitions import Metric
    from qdash_core.models.chip import ParameterModel, StoredValues
    from qdash_core.models.chip_judgement import ValueJudgement

_OF_STATUS = {
    TargetStatus.EXCLUDED: Fitness.EXCLUDED,
    TargetStatus.DEAD: Fitness.DEAD,
    TargetStatus.PENDING: Fitness.UNKNOWN,
}
"""Fitness that follows from a status alone."""


def judge_target(
    target: StoredValues,
    values: Mapping[str, ValueJudgement],
    metrics: Mapping[str, Metric],
    of_qubits: Mapping[str, Fitness],
) -> tuple[Fitness, tuple[str, ...]]:
    """Return the fitness of a target and the reasons if it is unfit or degraded.

    Parameters
    ----------
    target : StoredValues
        The target.
    values : mapping of str to ValueJudgement
        Trust of its values.
    metrics : mapping of str to Metric
        Definitions of its metrics.
    of_qubits : mapping of str to Fitness
        Fitness of the qubits.
    """
    if (fitness := _OF_STATUS.get(target["status"])) is not None:
        return fitness, ()
    if reasons := tuple(_iter_obstacles(target, values, metrics, of_qubits)):
        return Fitness.UNFIT, reasons
    if reasons := tuple(_iter_defects(target, values, metrics)):
        return Fitness.DEGRADED, reasons
    return Fitness.FIT, ()


def _iter_obstacles(
    target: StoredValues,
    values: Mapping[str, ValueJudgement],
    metrics: Mapping[str, Metric],
    of_qubits: Mapping[str, Fitness],
) -> Iterator[str]:
    """Yield why a target is unfit."""
    qid, data = target["qid"], target["data"]
    if target["status"] is TargetStatus.FAILED:
        reason = target.get("status_reason")
        yield "failed" if reason is None else f"failed: {reason.text}"
    for qubit in split_coupling(qid) if "-" in qid else ():
        if (fitness := of_qubits.get(qubit)) is not None and not fitness.permits_use:
            yield f"qubit {qubit} is {fitness}"
    for name, judged in sorted(values.items()):
        metric = metrics.get(name)
        if metric is None:
            continue
        if judged.flagged is not None and not metric.allows_use(judged.flagged):
            yield f"a flagged {name} is beyond the minimum of {metric.format_limit(metric.minimum)}"
        # Values are not looked at only of a failed target or of one whose qubit failed, which are reasons above.
        if metric.essential and not judged.trust.in_use:
            yield f"{name} is {judged.trust.words}"
        elif judged.trust is Trust.TRUSTED and not metric.allows_use(float(data[name]["value"])):
            yield f"{name} is beyond the minimum of {metric.format_limit(metric.minimum)}"


def _iter_defects(
    target: StoredValues, values: Mapping[str, ValueJudgement], metrics: Mapping[str, Metric]
) -> Iterator[str]:
    """Yield why a target is degraded: a value that gates need is doubtful or out of specification."""
    for name, judged in sorted(values.items()):
        metric = metrics.get(name)
        if metric is None or not metric.essential:
            continue
        if judged.trust is Trust.DOUBTFUL:
            yield f"{name} is {judged.trust.words}: {judged.doubts[0]}"
        if not metric.is_within(float(target["data"][name]["value"])):
            yield f"{name} is out of specification ({metric.specification})"


def add_flagged_values(
    values: Mapping[str, ValueJudgement],
    target: StoredValues,
    flagged: Mapping[str, Mapping[str, ParameterModel]],
) -> dict[str, ValueJudgement]:
    """Return the trust of values, each with the newer flagged value that disagrees with it.

    The value in use stays in exports, unless the flagged one would make the target unfit.
    """
    found = dict(values)
    for name, judged in values.items():
        if any(one.mark is Mark.DISPUTED and one.trust is Trust.DOUBTFUL for one in judged.marks):
            new = flagged.get(target["disputes"][name]["task_id"], {}).get(name)
            if new is not None:
                unit = target["data"][name].get("unit", "")
                number = convert_alike(Parameter(new.value, new.error, new.unit), unit).value
                found[name] = replace(judged, flagged=float(number))
    return found
