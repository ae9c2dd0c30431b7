"""Gauges: numbers of the present state, for programs that watch a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HostGauge:
    """Gauge with its present values; hosts show the name `cold_heads` as `qdash_cold_heads`.

    `meaning` is a sentence for people. `values` has the number for each combination of values of the labels; without
    labels that of the empty tuple.
    """

    name: str
    meaning: str
    values: Mapping[Any, float]
    labels: tuple[str, ...] = ()
