"""Data of the page of a target, loaded from the host."""

from __future__ import annotations

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
    kind : TargetKind
        Qubit or coupling.
    chip : ChipDocument
        Its chip.
    target : QubitDocument or CouplingDocument
        Target with its values, and the newest result of each task.
    known : MetricDefinitionsDocument
        Metric definitions.
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
    def metrics(self) -> Mapping[str, MetricDefinitionDocument]:
        """Definitions of the metrics, by name."""
        return self.kind.metrics(self.known)

    @property
    def values(self) -> Mapping[str, ValueDocument]:
        """Current values, by metric."""
        return self.target.values or {}

    @property
    def results(self) -> Mapping[str, LatestResultDocument]:
        """Newest result of each task, by its name."""
        return self.target.results or {}


def load_target(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> TargetData:
    """Load a qubit or coupling: two requests, one more for flagged values, one more for failed tasks.

    Raises
    ------
    NotFoundError
        If it does not exist any more.
    """
    target = view.ask(kind.show, chip.chip_id, target_id)
    known = view.ask(metric_definitions, chip_id=chip.chip_id)
    results = (target.results or {}).values()
    flagged: dict[str, ValueDocument] = {}
    failed: dict[str, FailureDocument] = {}
    if any(one.flagged_task_id for one in results):
        values = kind.values(
            view.ask(chip_values, chip.chip_id, query=ValuesQuery(flagged=True, target=[target_id])),
            target_id,
        )
        flagged = {name: value for name, value in values.items() if value.get("verdict")}
    if any(one.status == "failed" for one in results):
        values = kind.values(
            view.ask(chip_values, chip.chip_id, query=ValuesQuery(failed=True, target=[target_id])), target_id
        )
        failed = {name: value["failed"] for name, value in values.items() if "failed" in value}
    return TargetData(kind, chip, target, known, flagged, failed)
