"""Counters of the requests that this process has answered, and of what features count."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.features.declarations import HostCounter

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_OWN = ("requests", "request_seconds")
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Counters:
    """Counts and durations of requests, and counters of features; with several processes, their totals.

    Parameters
    ----------
    declared : iterable of HostCounter
        Counters of features.
    """

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
        self._declared = {
            one: Counter(f"qdash_{one.name}", one.meaning, one.labels, registry=self._registry)
            for one in declared
            if one.name not in _OWN
        }

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Parameters
        ----------
        route : str
            Declared path with parameters in braces; one common label for requests without a route.
        seconds : float
            Duration of the request.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def add(self, counter: HostCounter, labels: Sequence[str], amount: float) -> None:
        """Add to a counter of a feature, with a value of each of its labels."""
        found = self._declared[counter]
        (found.labels(*labels) if labels else found).inc(amount)

    def render(self) -> bytes:
        """Return all counters in the Prometheus format."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        combined = CollectorRegistry()
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]
        return generate_latest(combined)
