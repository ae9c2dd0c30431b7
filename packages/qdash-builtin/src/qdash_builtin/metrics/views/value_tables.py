"""View model of a table of the values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.metrics.missed_limits import describe_miss
from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
from qdash_builtin.metrics.views.metric_summaries import MetricSummaryDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_builtin.values.views.shown_values import ValueDocument  # noqa: TC001  pydantic reads the fields
from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.judgement import Fitness
from qdash_core.models.quantities import round_as_shown
from qdash_core.models.targets import TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.service import ChipMetrics
    from qdash_builtin.metrics.summary import MetricSummary


class ValueTableDocument(Document):
    """Values of a chip with everything that a table of them shows."""

    chip_id: str
    at: UtcDatetime
    """Time from which ages are counted."""
    values: ChipValuesDocument
    metrics: list[str]
    """The requested metrics, with groups replaced by their metrics; empty for all."""
    qubits: list[str]
    """The selected qubits, with or without values."""
    couplings: list[str]
    """The selected couplings, with or without values."""
    summaries: dict[TargetKind, dict[str, MetricSummaryDocument]]
    """Summary of each metric that has a value in use; empty for a selection that leaves values out."""
    definitions: MetricDefinitionsDocument
    """Definitions of the metrics, with what was asked of the chip."""
    fitness: dict[str, Fitness]
    """Fitness of the selected targets that were judged."""
    defects: dict[str, str]
    """Status of the failed and dead targets, with the reason if it is known."""
    misses: dict[str, dict[str, str]]
    """By target and metric: by how much a value misses its limit that is shown like the limit."""

    @classmethod
    def from_metrics(
        cls,
        selected: ChipMetrics,
        summaries: Mapping[TargetKind, Iterable[MetricSummary]],
        metrics: Iterable[str],
        file: MetricsFile,
    ) -> Self:
        """Return the view model of selected values, with the definitions of the metrics of their chip."""
        values = ChipValuesDocument.from_values(selected.values, selected.failures)
        return cls(
            chip_id=selected.chip_id,
            at=selected.at,
            values=values.with_specification(file),
            metrics=list(metrics),
            qubits=list(selected.targets.qubits),
            couplings=list(selected.targets.couplings),
            summaries={
                kind: {
                    one.name: MetricSummaryDocument.from_summary(one, file.get_metrics(kind).get(one.name))
                    for one in some
                }
                for kind, some in summaries.items()
            },
            definitions=MetricDefinitionsDocument.from_file(file),
            fitness={qid: one.fitness for qid, one in selected.judgement.targets.items()},
            defects=dict(selected.defects),
            misses=_list_misses(selected, file),
        )

    def iter_kinds(self) -> Iterator[tuple[TargetKind, dict[str, dict[str, ValueDocument]]]]:
        """Yield each kind of target with the values of its targets."""
        yield "qubit", self.values.qubits
        yield "coupling", self.values.couplings

    def get_targets(self, kind: TargetKind) -> list[str]:
        """Return the selected qubits, or couplings."""
        return self.qubits if kind == "qubit" else self.couplings


def _list_misses(selected: ChipMetrics, file: MetricsFile) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for kind, targets in selected.values.iter_kinds():
        metrics = {name: one for name, one in file.get_metrics(kind).items() if one.has_specification}
        for target, known in targets.items():
            for name in known.keys() & metrics.keys():
                metric, parameter = metrics[name], known[name].parameter
                value, error = float(parameter.value), parameter.error
                scaled = None if error is None else error * metric.scale
                if miss := describe_miss(metric, value, round_as_shown(value * metric.scale, scaled)):
                    found.setdefault(target, {})[name] = miss
    return found
