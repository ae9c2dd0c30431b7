"""Distributions of metrics for the yield view, from the summary of a chip and the metric definitions."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.metrics.pages.specification import format_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.metrics.views.metric_definitions import (
        MetricDefinitionDocument,
        MetricDefinitionsDocument,
    )
    from qdash_builtin.metrics.views.metric_summaries import ChipSummaryDocument, MetricSummaryDocument

Axis = Literal["linear", "log", "nines"]
"""Axis type: `nines` shows 1 minus a fraction near 1 on a logarithmic scale."""
_DECADE = 10.0
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class DistributionCurve:
    """Distribution of a metric over the targets of a chip, with values in display units."""

    targets: int
    n: int
    missing: int
    within: int | None
    median: float | None
    best: float | None
    best_target: str | None
    stale: int | None
    cdf: tuple[tuple[float, float], ...]

    @classmethod
    def from_summary(cls, summary: MetricSummaryDocument, scale: float) -> DistributionCurve:
        """Return the distribution in display units."""
        best = summary.best
        return cls(
            summary.targets,
            summary.n,
            summary.missing,
            summary.within,
            None if summary.median is None else _round_value(summary.median * scale),
            None if best is None else _round_value(best.value * scale),
            None if best is None else best.target,
            summary.stale,
            tuple((_round_value(value * scale), round(share, 4)) for value, share in summary.cdf),
        )


@dataclass(frozen=True, slots=True)
class DistributionPanel:
    """Metric with its specification, and its distribution now and in the compared values."""

    name: str
    kind: Literal["qubit", "coupling"]
    title: str
    unit: str
    specification: str | None
    axis: Axis
    limits: tuple[float, ...]
    now: DistributionCurve
    then: DistributionCurve | None

    def as_data(self) -> dict[str, Any]:
        """Return the data of the panel for a component."""
        return asdict(self)


def make_panels(
    now: ChipSummaryDocument, previous: ChipSummaryDocument | None, known: MetricDefinitionsDocument
) -> list[DistributionPanel]:
    """Return a panel for each metric with values, those with a specification first."""
    made = [
        *_make_panels_of_kind("qubit", now.qubits, {} if previous is None else previous.qubits, known.qubits),
        *_make_panels_of_kind(
            "coupling", now.couplings, {} if previous is None else previous.couplings, known.couplings
        ),
    ]
    return sorted(made, key=lambda panel: panel.specification is None)


def select_axis(values: Sequence[float], *, fraction: bool) -> Axis:
    """Return the axis type that resolves values in stored units; `fraction` says whether their optimum is 1."""
    if len(values) < 2:
        return "linear"
    least, most = min(values), max(values)
    if fraction and most < 1.0 and _spans_decade(1.0 - most, 1.0 - least):
        return "nines"
    return "log" if _spans_decade(least, most) else "linear"


def _spans_decade(least: float, most: float) -> bool:
    """Return whether positive values span more than a decade."""
    return least > 0.0 and most / least > _DECADE


def _make_panels_of_kind(
    kind: Literal["qubit", "coupling"],
    now: Mapping[str, MetricSummaryDocument],
    previous: Mapping[str, MetricSummaryDocument],
    known: Mapping[str, MetricDefinitionDocument],
) -> list[DistributionPanel]:
    names = dict.fromkeys([*now, *previous])
    return [_make_panel(kind, name, now.get(name), previous.get(name), known.get(name)) for name in names]


def _make_panel(
    kind: Literal["qubit", "coupling"],
    name: str,
    now: MetricSummaryDocument | None,
    previous: MetricSummaryDocument | None,
    known: MetricDefinitionDocument | None,
) -> DistributionPanel:
    shown = now if now is not None else previous
    assert shown is not None
    scale = 1.0 if known is None else known.scale
    values = [value for one in (now, previous) if one is not None for value, _ in one.cdf]
    here = DistributionCurve.from_summary(now, scale) if now is not None else _make_empty_curve(shown.targets)
    return DistributionPanel(
        name=name,
        kind=kind,
        title=name if known is None else known.title,
        unit=shown.unit if known is None else known.unit,
        specification=None if known is None else known.specification,
        axis=select_axis(
            values, fraction=known is not None and known.unit == "%" and known.better == "maximize"
        ),
        limits=tuple(sorted(_round_value(limit * scale) for limit in format_limits(known))),
        now=here,
        then=None if previous is None else DistributionCurve.from_summary(previous, scale),
    )


def _make_empty_curve(targets: int) -> DistributionCurve:
    return DistributionCurve(targets, 0, targets, None, None, None, None, None, ())


def _round_value(value: float) -> float:
    """Return a value rounded to the digits that are visible on a screen."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, _DIGITS + 1 - math.ceil(math.log10(abs(value))))
