"""Counters of requests to this process, and of features."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.features.declarations import HostCounter

logger = logging.getLogger(__name__)

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Counters:
    """Counts and durations of requests, and counters of features; with several processes, their totals."""

    def __init__(self, declared: Iterable[HostCounter] = ()) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "qdash_requests",
            "Number of answered requests.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "qdash_request_seconds",
            "Time from the start of a request to the end of its response.",
            ("method", "route"),
            buckets=_BOUNDS_S,
            registry=self._registry,
        )
        self._declared: dict[HostCounter, Counter] = {}
        for one in declared:
            try:
                made = Counter(f"qdash_{one.name}", one.meaning, one.labels, registry=self._registry)
            except ValueError as error:  # such as a name of the host
                logger.warning("the counter %s is left out: %s", one.name, error)
            else:
                self._declared[one] = made

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        The route is the declared path with parameters in braces; requests without a route share a label.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def add(self, counter: HostCounter, labels: Sequence[str], amount: float) -> None:
        """Add to a counter of a feature, with a value of each of its labels."""
        if (found := self._declared.get(counter)) is not None:
            (found.labels(*labels) if labels else found).inc(amount)

    def render(self) -> bytes:
        """Return all counters in the Prometheus format."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        combined = CollectorRegistry()
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]
        return generate_latest(combined)
