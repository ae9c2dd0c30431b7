"""Specification of a chip: the limits that are asked of its values."""

from pydantic import FiniteFloat

from qdash_core.models.base import UtcDatetime, Value


class AskedLimits(Value):
    """Limits that are asked of the values of a metric, in the unit of stored values."""

    limit: FiniteFloat | None = None
    """The worst value within specification, or None if none was asked."""
    minimum: FiniteFloat | None = None
    """The worst value with which a target may be used, or None if none was asked."""
    username: str
    asked_at: UtcDatetime


Specification = dict[str, AskedLimits]
"""Asked limits by metric."""


class FormerSpecification(Value):
    """Limits that were asked of the values of a chip until a change."""

    asked: Specification
    until: UtcDatetime
    """Time of the change."""
