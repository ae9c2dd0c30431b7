"""View models of the summary of each metric of a chip."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import CitedPart, Document
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.selection import Selection
    from qdash_builtin.metrics.service import ChipMetrics
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_core.models.targets import TargetKind


class BestDocument(Document):
    """The target with the best value."""

    target: str
    value: float


class MetricSummaryDocument(Document):
    """Summary of one metric over the targets of a chip, in the unit of stored values."""

    model_config = ConfigDict(serialize_by_alias=True)

    title: str | None = None
    unit: str
    targets: int
    n: int
    """Number of targets with a value."""
    missing: int
    within: int | None = None
    """Number of values within specification; absent if the metric has none."""
    fraction_within: float | None = Field(default=None, alias="yield")
    """Fraction of all targets with a value within specification."""
    stale: int | None = None
    """Number of values older than the age limit; absent if the metric has none."""
    marks: dict[Mark, int] = Field(default={})
    """Number of values in use with each mark, without zeros."""
    median: float | None = None
    best: BestDocument | None = None
    cdf: list[tuple[float, float]]
    """Ascending values, each with the fraction of values less than or equal to it."""

    @classmethod
    def from_summary(cls, summary: MetricSummary, metric: Metric | None) -> Self:
        """Return the view model of a summary."""
        target = summary.best_target
        return cls.from_record(
            summary,
            title=None if metric is None else metric.title,
            n=len(summary.values),
            best=None if target is None else BestDocument(target=target, value=summary.values[target]),
        )


class ChipSummaryDocument(Document):
    """Summary of each metric of a chip."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (
        CitedPart("value", "{chip_id}/{target}/{0}", "qubits.*.best"),
        CitedPart("value", "{chip_id}/{target}/{0}", "couplings.*.best"),
    )

    chip_id: str
    mode: str
    cooldown_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    qubits: dict[str, MetricSummaryDocument]
    couplings: dict[str, MetricSummaryDocument]

    @classmethod
    def from_summaries(
        cls,
        selected: ChipMetrics,
        summaries: Mapping[TargetKind, Iterable[MetricSummary]],
        selection: Selection,
        file: MetricsFile,
    ) -> Self:
        """Return the view model of the summaries of a selection."""
        qubits, couplings = (
            {
                one.name: MetricSummaryDocument.from_summary(one, file.get_metrics(kind).get(one.name))
                for one in summaries[kind]
            }
            for kind in ("qubit", "coupling")
        )
        return cls.from_record(
            selected.period,
            chip_id=selected.chip_id,
            mode=selection.mode,
            qubits=qubits,
            couplings=couplings,
        )
