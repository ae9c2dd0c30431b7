"""Failures of the newest tasks that measure a metric."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from qdash_core.metrics.values import MetricFailure
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_core.metrics.selection import SelectedTargets
    from qdash_core.models.task import LatestResultModel
    from qdash_core.repositories.repositories import Repositories


def find_newest_failures(
    repositories: Repositories, project_id: str, chip_id: str, selected_targets: SelectedTargets
) -> dict[str, dict[str, MetricFailure]]:
    """Return the failure by target and metric, if the most recent task for the metric failed.

    Parameters
    ----------
    repositories : Repositories
        Repositories of the store.
    project_id, chip_id : str
        The chip.
    selected_targets : SelectedTargets
        The selected targets.
    """
    targets = frozenset((*selected_targets.qubits, *selected_targets.couplings))
    makes: dict[str, set[str]] = defaultdict(set)
    for definition in repositories.tasks.list_by_project(project_id):
        makes[definition.name].update(definition.output_parameters)
    newest: dict[tuple[str, str], LatestResultModel] = {}
    for latest in repositories.latest_results.list_by_chip(project_id, chip_id):
        for metric in makes[latest.name] if latest.qid in targets else ():
            known = newest.get((latest.qid, metric))
            if known is None or known.end_at < latest.end_at:
                newest[latest.qid, metric] = latest
    failures: dict[str, dict[str, MetricFailure]] = defaultdict(dict)
    for (target, metric), latest in sorted(newest.items(), key=lambda one: one[0]):
        if latest.status is TaskStatus.FAILED:
            failures[target][metric] = MetricFailure(
                latest.name, latest.task_id, latest.execution_id, latest.end_at
            )
    return dict(failures)
