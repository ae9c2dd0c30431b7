"""Data of the page of a target, loaded from the host."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.metrics.operations.metrics import chip_values, metric_definitions
from qdash_builtin.metrics.requests.values import ValuesQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.chips.pages.targets import TargetKind
    from qdash_builtin.chips.views.chips import ChipDocument
    from qdash_builtin.chips.views.targets import CouplingDocument, LatestResultDocument, QubitDocument
    from qdash_builtin.metrics.views.metric_definitions import (
        MetricDefinitionDocument,
        MetricDefinitionsDocument,
    )
    from qdash_builtin.values.views.shown_values import FailureDocument, ValueDocument
    from qdash_ui_streamlit.view import View


@dataclass(frozen=True, slots=True)
class TargetData:
    """Current data of a qubit or coupling.

    Parameters
    ----------
    target : QubitDocument or CouplingDocument
        Target with its values, and the newest result of each task.
    flagged : mapping
        Newer values that were flagged and are not used, by metric.
    failed : mapping
        Last failures to measure a value, by metric.
    """

    kind: TargetKind
    chip: ChipDocument
    target: QubitDocument | CouplingDocument
    known: MetricDefinitionsDocument
    flagged: Mapping[str, ValueDocument] = field(default_factory=dict)
    failed: Mapping[str, FailureDocument] = field(default_factory=dict)

    @property
    def told_result(self) -> str | None:
        """Id of the result whose message the header shows as the reason for the status, or None if there is none."""
        reason = self.target.status_reason
        return reason.task_id if reason is not None and reason.task_id else None

    @property
    def metrics(self) -> Mapping[str, MetricDefinitionDocument]:
        """Definitions of the metrics, by name."""
        return self.known.get_metrics(self.kind.word)

    @property
    def values(self) -> Mapping[str, ValueDocument]:
        """Current values, by metric."""
        return self.target.values or {}

    @property
    def results(self) -> Mapping[str, LatestResultDocument]:
        """Newest result of each task, by its name."""
        return self.target.results or {}


def load_target(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> TargetData:
    """Load a qubit or coupling: two concurrent requests, one more for flagged values, one more for failed tasks.

    Raises
    ------
    NotFoundError
        If it does not exist any more.
    """
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(view.ask, metric_definitions, chip_id=chip.chip_id)
        target = view.ask(kind.show, chip.chip_id, target_id)
        results = (target.results or {}).values()
        flagged: Mapping[str, ValueDocument] = {}
        failed: Mapping[str, ValueDocument] = {}
        if any(one.flagged_task_id for one in results):
            flagged = _load_values(view, kind, target, ValuesQuery(flagged=True, target=[target_id]))
        if any(one.status == "failed" for one in results):
            failed = _load_values(view, kind, target, ValuesQuery(failed=True, target=[target_id]))
        known = asked.result()
    return TargetData(
        kind,
        chip,
        target,
        known,
        {name: value for name, value in flagged.items() if value.get("verdict")},
        {name: value["failed"] for name, value in failed.items() if "failed" in value},
    )


def _load_values(
    view: View, kind: TargetKind, target: QubitDocument | CouplingDocument, query: ValuesQuery
) -> Mapping[str, ValueDocument]:
    return kind.values(view.ask(chip_values, target.chip_id, query=query), target.id)
