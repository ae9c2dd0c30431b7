"""Counters of the requests and questions that this process has answered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from qdash_builtin.conversations.models.conversation import ConversationMessageModel

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Counters:
    """Counts and durations of requests, and answers of the assistant; with several processes, their totals."""

    def __init__(self) -> None:
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
        self._answers = Counter(
            "qdash_answers",
            "Number of answers of the assistant that have ended, by state.",
            ("state",),
            registry=self._registry,
        )
        self._tokens = Counter(
            "qdash_answer_tokens",
            "Tokens that the model read and wrote; unknown counts are left out.",
            ("direction",),
            registry=self._registry,
        )

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

    def count_answer(self, message: ConversationMessageModel) -> None:
        """Count an answer of the assistant that has ended, and its tokens."""
        self._answers.labels(str(message.state)).inc()
        for direction, tokens in (("read", message.input_tokens), ("written", message.output_tokens)):
            if tokens is not None:
                self._tokens.labels(direction).inc(tokens)

    def render(self) -> bytes:
        """Return all counters in the Prometheus format."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        combined = CollectorRegistry()
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]
        return generate_latest(combined)
