"""By-products of fits: numbers beside the quantity that a task measures, such as the offset of an oscillation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.metrics.definitions import Metric

_NAMES = frozenset({"rabi_offset", "rabi_phase", "rabi_angle", "rabi_noise", "rabi_distance"})


def is_by_product(name: str, metric: Metric | None) -> bool:
    """Return whether a parameter is a by-product of a fit, whose changes are no news."""
    return name in _NAMES or bool(getattr(metric, "by_product", False))
