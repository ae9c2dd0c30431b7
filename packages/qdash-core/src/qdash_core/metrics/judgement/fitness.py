"""Fitness of a target: the table of status, trust and specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.marks import Mark
from qdash_core.models.targets import split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.metrics.definitions import Metric
    from qdash_core.models.chip import StoredValues
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
    if "-" in qid:
        marks = (mark for judged in values.values() for mark in judged.marks if mark.trust is Trust.DOUBTFUL)
        yield from dict.fromkeys(one.reason for one in marks if one.mark is Mark.SET_BROKEN)
    for name, judged in sorted(values.items()):
        metric = metrics.get(name)
        if metric is None:
            continue
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
