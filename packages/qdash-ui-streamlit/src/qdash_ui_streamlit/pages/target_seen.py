"""What the page of a qubit or coupling asks the host for, at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_client.generated.api.metrics import chip_values, metric_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.documents.chips import ChipDocument
    from qdash_core.documents.metric_definitions import MetricDefinitionDocument, MetricDefinitionsDocument
    from qdash_core.documents.metrics import FailureDocument, ValueDocument
    from qdash_core.documents.targets import CouplingDocument, LatestResultDocument, QubitDocument
    from qdash_ui_streamlit.showing.targets import TargetKind
    from qdash_ui_streamlit.view import View


@dataclass(frozen=True, slots=True)
class Seen:
    """A qubit or coupling as it stands.

    Parameters
    ----------
    kind : TargetKind
        Which of both it is.
    chip : ChipDocument
        What it is part of.
    target : QubitDocument or CouplingDocument
        With its values, and the newest result of each task.
    known : MetricDefinitionsDocument
        What the metrics file says.
    flagged : mapping
        Newer values that are not used, by metric.
    failed : mapping
        What failed last to give a value, by metric.
    """

    kind: TargetKind
    chip: ChipDocument
    target: QubitDocument | CouplingDocument
    known: MetricDefinitionsDocument
    flagged: Mapping[str, ValueDocument] = field(default_factory=dict)
    failed: Mapping[str, FailureDocument] = field(default_factory=dict)

    @property
    def metrics(self) -> Mapping[str, MetricDefinitionDocument]:
        """What is known of the metrics, by name."""
        return self.kind.metrics(self.known)

    @property
    def values(self) -> Mapping[str, ValueDocument]:
        """The values in use, by metric."""
        return self.target.values or {}

    @property
    def results(self) -> Mapping[str, LatestResultDocument]:
        """The newest result of each task, by its name."""
        return self.target.results or {}


def look(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> Seen:
    """Ask for a qubit or coupling: two requests, one more where values were flagged, one more where tasks failed.

    Raises
    ------
    NotFoundError
        If it is not there any more.
    """
    target = view.ask(kind.show, chip.chip_id, target_id)
    known = view.ask(metric_definitions)
    results = (target.results or {}).values()
    place = {"target": [target_id]}
    flagged: dict[str, ValueDocument] = {}
    failed: dict[str, FailureDocument] = {}
    if any(one.flagged_task_id for one in results):
        values = kind.values(view.ask(chip_values, chip.chip_id, flagged=True, **place), target_id)
        flagged = {name: value for name, value in values.items() if value.get("verdict")}
    if any(one.status == "failed" for one in results):
        values = kind.values(view.ask(chip_values, chip.chip_id, failed=True, **place), target_id)
        failed = {name: value["failed"] for name, value in values.items() if "failed" in value}
    return Seen(kind, chip, target, known, flagged, failed)
