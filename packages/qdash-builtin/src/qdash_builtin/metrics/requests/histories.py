"""Queries for the history of a metric, and for the provenance of a value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qdash_builtin.metrics.selection import Period
from qdash_builtin.request_parts.option_forms import CooldownId, Since, Until
from qdash_core.operations.bodies import Filter

Metric = Annotated[str, Field(min_length=1, max_length=100, description="Name of a metric.")]


class _MetricOfTarget(Filter):
    target: Annotated[str, Field(min_length=1, max_length=64, description="A qubit or coupling.")]
    metric: Metric


class HistoryQuery(_MetricOfTarget):
    """Metric of a target, and the period of its values."""

    cooldown_id: CooldownId = None
    since: Since = None
    until: Until = None

    def to_period(self) -> Period:
        """Return the period; raise InvalidInputError if it is invalid."""
        return Period(self.cooldown_id, self.since, self.until)


class CompleteHistoryQuery(HistoryQuery):
    """Metric of a target, and the period and number of its values."""

    newest: Annotated[
        int | None, Field(ge=1, lt=2**53, description="Only this number of the newest values; absent: all.")
    ] = None


class TraceQuery(Filter):
    """Directions and number of steps in which provenance is followed."""

    direction: Annotated[
        Literal["back", "forward"] | None,
        Field(description="back: only what it came from; forward: only what used it; default: both."),
    ] = None
    depth: Annotated[
        int | None,
        Field(ge=1, le=1000, description="Largest number of steps in each direction; default: all."),
    ] = None


class ValueTraceQuery(TraceQuery, _MetricOfTarget):
    """Value in use whose provenance is followed."""
