"""Definitions of metrics: display, specification and groups."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from qdash_core.models.base import Value
from qdash_core.models.fault_limit import ENTRY, FewFaults
from qdash_core.models.specification import AskedLimits, Specification
from qdash_core.models.targets import TARGET_KINDS, TargetKind
from qdash_core.models.times import parse_duration

FAR_WORSE = 10.0
"""Factor by which a value is far worse than the usual one, so that its target cannot be used."""


class Evaluation(FewFaults, Value):
    """Direction in which the values of a metric are better."""

    mode: Literal["maximize", "minimize", "none"] = "none"
    magnitude: bool = False
    """True if the absolute value is rated."""


class Range(FewFaults, Value):
    """Inclusive limits, in the unit of stored values."""

    min: FiniteFloat | None = None
    max: FiniteFloat | None = None
    step: FiniteFloat | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Threshold(FewFaults, Value):
    """Specification limits of a metric, in the unit of stored values."""

    value: FiniteFloat | None = None
    """The worst value within specification."""
    range: Range = Range.model_construct()
    """For a metric that is neither maximized nor minimized, the specification; otherwise the range of
    thresholds.
    """


class Metric(FewFaults, Value):
    """Definition of a metric: display and specification."""

    title: str = Field(min_length=1)
    unit: str = ""
    """Display unit."""
    scale: FiniteFloat = Field(default=1.0, gt=0)
    """Factor that converts a stored value to the display unit."""
    description: str = ""
    evaluation: Evaluation = Evaluation.model_construct()
    threshold: Threshold | None = None
    age_limit: Annotated[timedelta, BeforeValidator(parse_duration)] | None = None
    """Age above which a value is too old."""
    tolerance: FiniteFloat = Field(default=0.0, ge=0)
    """Change, in the unit of stored values, up to which the value has not moved as an input, however small its error."""
    relative_tolerance: FiniteFloat = Field(default=0.0, ge=0)
    """The same change as a fraction of the value."""
    essential: bool = False
    """True if gates need it: its evidence decides the status of a target, and its trust and specification the fitness."""
    minimum: FiniteFloat | None = None
    """The worst value, in the unit of stored values, with which a target may be used, or None if any may."""
    angle_error_of: str = ""
    """For the angle error of a pulse: the gate fidelity that it bounds, whose minimum therefore holds for it, too."""
    by_product: bool = False
    """True for a by-product of a fit, such as an offset or a phase: it is not judged, counted or reported as moved."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.evaluation.mode == "none" and self.threshold is not None and self.threshold.value is not None:
            raise ValueError(
                "threshold.value needs evaluation.mode maximize or minimize; use threshold.range"
            )
        if self.evaluation.mode == "none" and self.minimum is not None:
            raise ValueError("minimum needs evaluation.mode maximize or minimize")
        return self

    def compute_merit(self, value: float) -> float | None:
        """Return a number that rises with the quality of a stored value, or None if no value is better."""
        size = abs(value) if self.evaluation.magnitude else value
        match self.evaluation.mode:
            case "maximize":
                return size
            case "minimize":
                return -size
            case "none":
                return None

    @property
    def has_specification(self) -> bool:
        """True if the metric has limits that a value can violate."""
        if self.threshold is None:
            return False
        if self.evaluation.mode != "none":
            return self.threshold.value is not None
        return (self.threshold.range.min, self.threshold.range.max) != (None, None)

    @property
    def specification(self) -> str:
        """The specification in words and in the display unit; empty if there is none."""
        if self.threshold is None or not self.has_specification:
            return ""
        size = " in size" if self.evaluation.magnitude else ""
        match self.evaluation.mode:
            case "maximize":
                return f"at least {self.format_limit(self.threshold.value)}{size}"
            case "minimize":
                return f"at most {self.format_limit(self.threshold.value)}{size}"
            case "none":
                least, most = self.threshold.range.min, self.threshold.range.max
                if least is not None and most is not None:
                    return f"{least * self.scale:g} to {self.format_limit(most)}"
                return (
                    f"at most {self.format_limit(most)}"
                    if least is None
                    else f"at least {self.format_limit(least)}"
                )

    def format_limit(self, value: float | None) -> str:
        """Return a limit, in the unit of stored values, as text in the display unit; empty for None."""
        return "" if value is None else f"{value * self.scale:g} {self.unit}".rstrip()

    def is_within(self, value: float) -> bool:
        """Return whether a stored value is within specification; True if the metric has none."""
        return self.compute_margin(value) >= 0

    def compute_margin(self, value: float) -> float:
        """Return by how much a stored value is within specification, in its unit; negative outside, infinite if the metric has none."""
        if self.threshold is None or not self.has_specification:
            return math.inf
        if self.threshold.value is not None:
            return self.compute_lead(value, self.threshold.value)
        least, most = self.threshold.range.min, self.threshold.range.max
        return min(
            math.inf if least is None else value - least,
            math.inf if most is None else most - value,
        )

    def allows_use(self, value: float) -> bool:
        """Return whether a target may be used with a stored value; True if the metric has no minimum."""
        return self.minimum is None or self.compute_lead(value, self.minimum) >= 0

    def compute_lead(self, value: float, limit: float) -> float:
        """Return by how much a stored value of a metric with a direction is better than a limit."""
        merit = self.compute_merit(value)
        return (
            math.inf if merit is None else merit + (limit if self.evaluation.mode == "minimize" else -limit)
        )

    def ask(self, asked: AskedLimits) -> Self:
        """Return the definition with the limits that are asked of a chip; unchanged for a metric without a better direction."""
        if self.evaluation.mode == "none":
            return self
        changes: dict[str, object] = {}
        if asked.limit is not None:
            given = Range() if self.threshold is None else self.threshold.range
            changes["threshold"] = Threshold(value=asked.limit, range=given)
        if asked.minimum is not None:
            changes["minimum"] = asked.minimum
        return self.model_copy(update=changes)

    @property
    def is_fraction(self) -> bool:
        """True for a fidelity: a fraction that is better the closer it is to 1."""
        return self.unit == "%" and self.evaluation.mode == "maximize"

    def worsen(self, value: float, factor: float) -> float:
        """Return a stored value that is worse by a factor: a fidelity by its distance from 1, other values by their size."""
        if self.is_fraction:
            return max(0.0, 1 - (1 - value) * factor)
        return value / factor if self.evaluation.mode == "maximize" else value * factor

    def compute_tolerance(self, value: float) -> float:
        """Return the largest change of a stored value, in its unit, with which it has not moved."""
        return max(self.tolerance, self.relative_tolerance * abs(value))

    @property
    def rates_size(self) -> bool:
        """True if limits apply to the absolute value: those of a range never do."""
        return self.evaluation.magnitude and self.evaluation.mode != "none"

    def is_stale(self, measured_at: datetime | None, *, now: datetime) -> bool:
        """Return whether a value is older than the age limit; a value of unknown age is not."""
        return self.age_limit is not None and measured_at is not None and now - measured_at > self.age_limit


class CdfGroup(FewFaults, Value):
    """Metrics that are shown together."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    unit: str = ""
    metrics: list[Annotated[str, ENTRY]] = Field(min_length=1)


class CdfGroups(FewFaults, Value):
    """Groups of metrics of qubits and of couplings."""

    qubit: list[CdfGroup] = []
    coupling: list[CdfGroup] = []


class TableMetrics(FewFaults, Value):
    """Default columns of the tables of qubits and of couplings."""

    qubit: list[Annotated[str, ENTRY]] = []
    coupling: list[Annotated[str, ENTRY]] = []


class ColorScale(FewFaults, Value):
    """Colour scale for drawing, from the lowest to the highest value."""

    colors: list[Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$"), ENTRY]] = Field(min_length=2)


class MetricsFile(FewFaults, Value):
    """Definitions of all metrics, with groups, table columns and colour scale."""

    qubit_metrics: dict[str, Metric] = {}
    coupling_metrics: dict[str, Metric] = {}
    cdf_groups: CdfGroups = CdfGroups.model_construct()
    table: TableMetrics = TableMetrics.model_construct()
    color_scale: ColorScale | None = None

    def get_metrics(self, kind: TargetKind) -> Mapping[str, Metric]:
        """Return the metrics of qubits, or of couplings, by name."""
        return self.qubit_metrics if kind == "qubit" else self.coupling_metrics

    def get_title(self, kind: TargetKind, name: str) -> str:
        """Return the title of a metric, or the name of another parameter."""
        metric = self.get_metrics(kind).get(name)
        return name if metric is None else metric.title

    def find_metric(self, name: str) -> Metric | None:
        """Return the definition of a metric of qubits or of couplings, or None if there is none."""
        return self.qubit_metrics.get(name) or self.coupling_metrics.get(name)

    def specify(self, asked: Specification, *, at: datetime | None = None) -> Self:
        """Return the definitions with the limits that were asked of a chip, up to a moment if one is given."""
        known = {name: one for name, one in asked.items() if at is None or one.asked_at <= at}
        if not known:
            return self
        kinds = {
            kind: {
                name: one.ask(known[name]) if name in known else one
                for name, one in self.get_metrics(kind).items()
            }
            for kind in TARGET_KINDS
        }
        return self.model_copy(update={f"{kind}_metrics": metrics for kind, metrics in kinds.items()})

    def list_essential(self, kind: TargetKind) -> frozenset[str]:
        """Return the essential metrics of qubits, or of couplings."""
        return frozenset(name for name, metric in self.get_metrics(kind).items() if metric.essential)

    def list_default_columns(self, kind: TargetKind) -> list[str]:
        """Return the default columns of a table."""
        return self.table.qubit if kind == "qubit" else self.table.coupling

    def list_groups(self, kind: TargetKind) -> list[CdfGroup]:
        """Return the groups of metrics of qubits, or of couplings."""
        return self.cdf_groups.qubit if kind == "qubit" else self.cdf_groups.coupling

    @model_validator(mode="after")
    def _known(self) -> Self:
        for kind, known in (("qubit", self.qubit_metrics), ("coupling", self.coupling_metrics)):
            table: list[str] = getattr(self.table, kind)
            groups: list[CdfGroup] = getattr(self.cdf_groups, kind)
            named = [
                (f"table.{kind}", table),
                *((f"cdf_groups.{kind}.{group.id}", group.metrics) for group in groups),
            ]
            for where, names in named:
                for name in names:
                    if name not in known:
                        raise ValueError(f"{where} names {name!r}, which {kind}_metrics does not have")
        return self
