"""View models of the definitions of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import Document, OmitEmpty

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_core.models.targets import TargetKind


class LimitsDocument(Document):
    """Inclusive limits, in the unit of stored values."""

    min: float | None = None
    max: float | None = None
    step: float | None = None


class MetricDefinitionDocument(Document):
    """Definition of a metric: title, unit, specification and age limit."""

    title: str
    unit: str
    """Display unit."""
    scale: float
    """Factor that converts a stored value to the display unit."""
    description: OmitEmpty[str] = None
    better: Literal["maximize", "minimize", "none"]
    magnitude: bool
    """True if the absolute value is rated."""
    threshold: float | None = None
    """The worst stored value within specification."""
    range: LimitsDocument | None = None
    specification: OmitEmpty[str] = None
    """The specification in words; absent if every value is good enough."""
    age_limit_s: float | None = None
    """Age above which a value is stale."""

    def is_stale(self, measured_at: datetime | None, *, now: datetime) -> bool:
        """Return whether a value is older than the age limit; a value of unknown age is not."""
        limit = self.age_limit_s
        return limit is not None and measured_at is not None and (now - measured_at).total_seconds() > limit

    @classmethod
    def from_metric(cls, metric: Metric) -> Self:
        """Return the view model of a metric."""
        threshold, age_limit = metric.threshold, metric.age_limit
        limits = None if threshold is None else LimitsDocument.from_record(threshold.range)
        return cls.from_record(
            metric,
            better=metric.evaluation.mode,
            magnitude=metric.evaluation.magnitude,
            threshold=None if threshold is None else threshold.value,
            range=limits if limits != LimitsDocument() else None,
            age_limit_s=None if age_limit is None else age_limit.total_seconds(),
        )


class MetricGroupDocument(Document):
    """Metrics that are shown together."""

    id: str
    title: str
    unit: str
    metrics: list[str]


class MetricDefinitionsDocument(Document):
    """The metrics of qubits and of couplings by name, and their groups."""

    qubits: dict[str, MetricDefinitionDocument]
    couplings: dict[str, MetricDefinitionDocument]
    qubit_groups: list[MetricGroupDocument]
    coupling_groups: list[MetricGroupDocument]
    qubit_table: list[str]
    """Default columns of the table."""
    coupling_table: list[str]
    colors: list[str] | None = None
    """From the lowest to the highest value."""

    def get_metrics(self, kind: TargetKind) -> dict[str, MetricDefinitionDocument]:
        """Return the metrics of qubits, or of couplings, by name."""
        return self.qubits if kind == "qubit" else self.couplings

    def get_title(self, name: str) -> str:
        """Return the title of a metric of qubits or couplings, or its name if it has no definition."""
        metric = self.find_metric(name)
        return name if metric is None else metric.title

    def find_metric(self, name: str) -> MetricDefinitionDocument | None:
        """Return the definition of a metric of qubits or couplings, or None if there is none."""
        return self.qubits.get(name) or self.couplings.get(name)

    def list_default_columns(self, kind: TargetKind) -> list[str]:
        """Return the default columns of a table."""
        return self.qubit_table if kind == "qubit" else self.coupling_table

    @classmethod
    def from_file(cls, file: MetricsFile) -> Self:
        """Return the view model of a metrics file."""
        qubits, couplings = (
            {name: MetricDefinitionDocument.from_metric(one) for name, one in known.items()}
            for known in (file.qubit_metrics, file.coupling_metrics)
        )
        return cls.from_record(
            file,
            qubits=qubits,
            couplings=couplings,
            qubit_groups=file.cdf_groups.qubit,
            coupling_groups=file.cdf_groups.coupling,
            qubit_table=file.table.qubit,
            coupling_table=file.table.coupling,
            colors=None if file.color_scale is None else file.color_scale.colors,
        )
