"""Features of a result from other tasks on the same target, or on the qubits of a coupling. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.explanations.surroundings import BAD
from qdash_builtin.task_pages.feature_names import FIT_FEATURES, RECORD_FEATURES
from qdash_core.models.references import Reference
from qdash_core.models.task import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.explanations.features import Features
    from qdash_core.models.task import TaskResultModel

    _Read = tuple[TaskResultModel, Features]


def add_other_tasks(features: Features, own: TaskResultModel, others: Iterable[_Read]) -> None:
    """Add the outcomes and traces of other tasks on the same target, or on the qubits of a coupling.

    If a task has a result on both qubits, the worse one counts.
    """
    worst: dict[str, _Read] = {}
    for result, found in others:
        if result.name == own.name and result.qid == own.qid:
            continue
        known = worst.get(result.name)
        if known is None or _rank(result) < _rank(known[0]):
            worst[result.name] = result, found
    for name, (result, found) in worst.items():
        source = [Reference("result", result.task_id)]
        for outcome in (Outcome.FAILED, Outcome.FLAGGED, Outcome.ACCEPTED):
            features.put(f"{outcome}.{name}", float(result.outcome == outcome), sources=source)
        for feature, value in found.values.items():
            if "." not in feature and (feature not in RECORD_FEATURES or feature in FIT_FEATURES):
                features.put(f"{name}.{feature}", value, sources=source)


def _rank(result: TaskResultModel) -> int:
    return BAD.index(Outcome(result.outcome)) if result.outcome in BAD else len(BAD)
