"""Operation of the metrics for Prometheus: counters of the host, and gauges of the host and of features."""

from __future__ import annotations

import logging
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from qdash_api.routing.call import require_host_call
from qdash_core.errors import PluginError
from qdash_core.hooks.participants import Participant
from qdash_core.models.gauges import HostGauge
from qdash_core.models.simulated_time import get_simulated_time
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.runtime.application import QDash

logger = logging.getLogger(__name__)

operations = Operations("host", place=20)


@operations.get("/prometheus", needs=RequiredRole.SELF, media_type="text/plain")
def prometheus(call: Call) -> Response:
    """Return the counters of the host and of the assistant, and the state of the home, for Prometheus.

    Targets are those of the chips in the caller's projects.
    """
    state = require_host_call(call).request.app.state
    gauges = [*_list_own_gauges(listeners=len(state.hub)), *_read_gauges(call.qdash, call.username)]
    return Response(state.counters.render() + _render(gauges), media_type=CONTENT_TYPE_LATEST)


def _list_own_gauges(*, listeners: int) -> Iterator[HostGauge]:
    yield HostGauge("event_listeners", "Open event streams of the responding process.", {(): listeners})
    if (moment := get_simulated_time()) is not None:
        meaning = "Time of the home, whose clock is simulated, in seconds since 1970."
        yield HostGauge("simulated_time_seconds", meaning, {(): moment.timestamp()})


def _read_gauges(qdash: QDash, username: str) -> Iterator[HostGauge]:
    """Yield the gauges of all features; a plugin that fails takes nothing from others."""
    for owner, place in qdash.registry.list_named("gauges"):
        if owner.is_own:
            yield from resolve_name(place)(qdash, username)
        else:
            yield from _ask_plugin(owner, place, qdash, username)


def _ask_plugin(owner: PluginCandidate, place: str, qdash: QDash, username: str) -> list[HostGauge]:
    def read() -> list[HostGauge]:
        return [_check(one, place) for one in resolve_name(place)(qdash, username)]

    try:
        found: list[HostGauge] = qdash.participants.ask(Participant(owner, read), place)
    except PluginError:  # it has been reported
        return []
    return found


def _check(gauge: object, place: str) -> HostGauge:
    """Return a gauge of a plugin; raise PluginError if it cannot be shown."""
    if not isinstance(gauge, HostGauge):
        raise PluginError(f"{place} returned {gauge!r:.100}, which is no HostGauge")
    try:
        _render([gauge])
    except (TypeError, ValueError, AttributeError) as error:
        raise PluginError(
            f"{place} returned the gauge {gauge.name!r:.100}, which cannot be shown: {error}"
        ) from error
    return gauge


def _render(gauges: Iterable[HostGauge]) -> bytes:
    """Return gauges in the Prometheus format, of each name the first."""
    registry = CollectorRegistry()
    for one in {one.name: one for one in reversed([*gauges])}.values():
        gauge = Gauge(f"qdash_{one.name}", one.meaning, one.labels, registry=registry)
        for labels, value in one.values.items():
            (gauge.labels(*labels) if labels else gauge).set(value)
    return generate_latest(registry)
