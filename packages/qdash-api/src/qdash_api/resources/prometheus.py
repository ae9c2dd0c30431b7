"""Route of the metrics for Prometheus: counters of the host, and the state of the queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from qdash_api.routing.call import Call
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.models.simulated_time import get_simulated_time

if TYPE_CHECKING:
    from qdash_core.application import QDash

routes = Routes("host")

_STATES = ("waiting", "running", "held")


@routes.get("/prometheus", needs=RequiredRole.SELF, media_type="text/plain")
def prometheus(call: Call) -> Response:
    """Return the counters of the host and of the assistant, and the state of the queue, for Prometheus."""
    state = call.request.app.state
    text = state.counters.render() + _format_store_metrics(call.qdash, listeners=len(state.hub))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _format_store_metrics(qdash: QDash, *, listeners: int) -> bytes:
    registry = CollectorRegistry()
    runs = Gauge(
        "qdash_runs", "Queued and running runs of all projects, by state.", ("state",), registry=registry
    )
    found = Counter(str(status.state) for status in qdash.runs.queue.view.list_entries())
    for state in _STATES:
        runs.labels(state).set(found[state])
    workers = Gauge("qdash_workers", "Live workers on all machines.", registry=registry)
    workers.set(len(qdash.queue.list_workers()))
    hears = Gauge("qdash_event_listeners", "Open event streams of the responding process.", registry=registry)
    hears.set(listeners)
    answers = Gauge(
        "qdash_answers_running",
        "Running answers of the assistant in the responding process.",
        registry=registry,
    )
    answers.set(qdash.answers.count_running())
    if (moment := get_simulated_time()) is not None:
        simulated = Gauge(
            "qdash_simulated_time_seconds",
            "Time of the home, whose clock is simulated, in seconds since 1970.",
            registry=registry,
        )
        simulated.set(moment.timestamp())
    return generate_latest(registry)
