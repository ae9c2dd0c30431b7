"""What the yield view shows of each metric, made of the summary of a chip and what is known about metrics."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from qdash_ui_streamlit.showing.specification import limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.documents.metric_definitions import MetricDefinitionDocument, MetricDefinitionsDocument
    from qdash_core.documents.metric_summaries import ChipSummaryDocument, MetricSummaryDocument

Axis = Literal["linear", "log", "nines"]
"""Of values along an axis: `nines` is that of a fraction near 1, in powers of ten of what is missing to it."""
_DECADE = 10.0
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """The distribution of a metric over the targets of a chip: values as they are shown, and fractions not above them."""

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
    def of(cls, summary: MetricSummaryDocument, scale: float) -> Line:
        """Return the distribution in the unit in which values are shown."""
        best = summary.best
        return cls(
            summary.targets,
            summary.n,
            summary.missing,
            summary.within,
            None if summary.median is None else _short(summary.median * scale),
            None if best is None else _short(best.value * scale),
            None if best is None else best.target,
            summary.stale,
            tuple((_short(value * scale), round(share, 4)) for value, share in summary.cdf),
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """A metric: what is good enough, and how its values are distributed now and in what they are compared with."""

    name: str
    kind: Literal["qubit", "coupling"]
    title: str
    unit: str
    specification: str | None
    axis: Axis
    limits: tuple[float, ...]
    now: Line
    then: Line | None

    def as_data(self) -> dict[str, Any]:
        """Return the panel as a component is told it."""
        return asdict(self)


def panels(
    now: ChipSummaryDocument, then: ChipSummaryDocument | None, known: MetricDefinitionsDocument
) -> list[Panel]:
    """Return a panel for each metric of which there is a value, those with a specification first."""
    made = [
        *_of_kind("qubit", now.qubits, {} if then is None else then.qubits, known.qubits),
        *_of_kind("coupling", now.couplings, {} if then is None else then.couplings, known.couplings),
    ]
    return sorted(made, key=lambda panel: panel.specification is None)


def axis_of(values: Sequence[float], *, fraction: bool) -> Axis:
    """Return the axis on which values are told apart.

    Parameters
    ----------
    values : sequence of float
        As they are stored.
    fraction : bool
        Whether they are fractions of which the best is 1.
    """
    if len(values) < 2:
        return "linear"
    least, most = min(values), max(values)
    if fraction and most < 1.0 and _decades(1.0 - most, 1.0 - least):
        return "nines"
    return "log" if _decades(least, most) else "linear"


def _decades(least: float, most: float) -> bool:
    """Whether positive values are more than a decade apart."""
    return least > 0.0 and most / least > _DECADE


def _of_kind(
    kind: Literal["qubit", "coupling"],
    now: Mapping[str, MetricSummaryDocument],
    then: Mapping[str, MetricSummaryDocument],
    known: Mapping[str, MetricDefinitionDocument],
) -> list[Panel]:
    names = dict.fromkeys([*now, *then])
    return [_panel(kind, name, now.get(name), then.get(name), known.get(name)) for name in names]


def _panel(
    kind: Literal["qubit", "coupling"],
    name: str,
    now: MetricSummaryDocument | None,
    then: MetricSummaryDocument | None,
    known: MetricDefinitionDocument | None,
) -> Panel:
    shown = now if now is not None else then
    assert shown is not None
    scale = 1.0 if known is None else known.scale
    values = [value for one in (now, then) if one is not None for value, _ in one.cdf]
    here = Line.of(now, scale) if now is not None else _nothing(shown.targets)
    return Panel(
        name=name,
        kind=kind,
        title=name if known is None else known.title,
        unit=shown.unit if known is None else known.unit,
        specification=None if known is None else known.specification,
        axis=axis_of(values, fraction=known is not None and known.unit == "%" and known.better == "maximize"),
        limits=tuple(sorted(_short(limit * scale) for limit in limits(known))),
        now=here,
        then=None if then is None else Line.of(then, scale),
    )


def _nothing(targets: int) -> Line:
    return Line(targets, 0, targets, None, None, None, None, None, ())


def _short(value: float) -> float:
    """Return a value with as many digits as tell it apart on a screen; of fractions near 1 what is missing counts."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, _DIGITS + 1 - math.ceil(math.log10(abs(value))))
