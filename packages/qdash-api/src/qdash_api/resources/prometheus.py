"""Operation of the metrics for Prometheus: counters of the host, and the state of the home."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import Response

from qdash_api.routing.call import require_host_call
from qdash_builtin.conversations.feature import ANSWERS
from qdash_builtin.home.feature import MONITORING
from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_builtin.timetables.states import count_states
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.simulated_time import get_simulated_time
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.home.home_state import MonitoredState
    from qdash_core.runtime.application import QDash

operations = Operations("host", place=20)

_STATES = ("waiting", "running", "held")


@operations.get("/prometheus", needs=RequiredRole.SELF, media_type="text/plain")
def prometheus(call: Call) -> Response:
    """Return the counters of the host and of the assistant, and the state of the home, for Prometheus.

    Targets are those of the chips in the caller's projects.
    """
    state = require_host_call(call).request.app.state
    text = state.counters.render() + _format_metrics(call.qdash, call.username, listeners=len(state.hub))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _Gauges:
    """Gauges of one response."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

    def set(self, name: str, meaning: str, value: float) -> None:
        """Add a gauge without labels."""
        Gauge(f"qdash_{name}", meaning, registry=self._registry).set(value)

    def set_each(
        self, name: str, meaning: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
    ) -> None:
        """Add a gauge with a value for each combination of labels."""
        gauge = Gauge(f"qdash_{name}", meaning, labels, registry=self._registry)
        for combination, value in values:
            gauge.labels(*combination).set(value)

    def render(self) -> bytes:
        """Return all gauges in the Prometheus format."""
        return generate_latest(self._registry)


def _format_metrics(qdash: QDash, username: str, *, listeners: int) -> bytes:
    gauges, state = _Gauges(), qdash.get(MONITORING).read(username)
    found = Counter(str(status.state) for status in qdash.get(RUNS).queue.view.list_entries())
    runs = [*((name, found[name]) for name in _STATES), ("interrupted", state.interrupted)]
    gauges.set_each(
        "runs",
        "Runs of all projects that have not ended, by state; interrupted: of a dead process.",
        ("state",),
        [([name], number) for name, number in runs],
    )
    gauges.set("workers", "Live workers on all machines.", len(qdash.get(QUEUE).list_workers()))
    gauges.set_each(
        "timetables",
        "Timetables of all projects, by the outcome of their last start.",
        ("state",),
        [([name], number) for name, number in count_states(qdash.repositories).items()],
    )
    _add_home(gauges, state)
    gauges.set("event_listeners", "Open event streams of the responding process.", listeners)
    gauges.set(
        "answers_running",
        "Running answers of the assistant in the responding process.",
        qdash.get(ANSWERS).count_running(),
    )
    if (moment := get_simulated_time()) is not None:
        gauges.set(
            "simulated_time_seconds",
            "Time of the home, whose clock is simulated, in seconds since 1970.",
            moment.timestamp(),
        )
    return gauges.render()


def _add_home(gauges: _Gauges, state: MonitoredState) -> None:
    gauges.set_each(
        "executions",
        "Recorded executions of all projects, by status.",
        ("status",),
        [([str(status)], number) for status, number in state.executions.items()],
    )
    gauges.set_each(
        "targets",
        "Qubits and couplings of a chip, by status.",
        ("project", "chip", "kind", "status"),
        [
            ([one.project_id, one.chip_id, one.kind, str(status)], one.attention.statuses.get(status, 0))
            for one in state.targets
            for status in TargetStatus
        ],
    )
    gauges.set_each(
        "judged_targets",
        "Qubits and couplings of a chip, by fitness: whether they may be used.",
        ("project", "chip", "kind", "fitness"),
        [
            ([one.project_id, one.chip_id, one.kind, str(fitness)], one.attention.fitness.get(fitness, 0))
            for one in state.targets
            for fitness in Fitness
        ],
    )
    gauges.set_each(
        "judged_values",
        "Values of a chip, by trust: whether the number is right.",
        ("project", "chip", "kind", "trust"),
        [
            ([one.project_id, one.chip_id, one.kind, str(trust)], one.attention.trust.get(trust, 0))
            for one in state.targets
            for trust in Trust
        ],
    )
    gauges.set_each(
        "values_out_of_specification",
        "Values in use of a chip that are out of specification.",
        ("project", "chip", "kind"),
        [
            ([one.project_id, one.chip_id, one.kind], sum(one.attention.out_of_specification.values()))
            for one in state.targets
        ],
    )
    for name, meaning, sizes in (
        ("disk_size_bytes", "Size of a disk", [([disk.holds], disk.size_bytes) for disk in state.disks]),
        (
            "disk_free_bytes",
            "Free space on a disk",
            [([disk.holds], disk.free_bytes) for disk in state.disks],
        ),
    ):
        gauges.set_each(name, f"{meaning} of the home, by what it holds.", ("holds",), sizes)
    if state.store_size is not None:
        gauges.set("store_bytes", "Size of the store, without raw data.", state.store_size.bytes)
    if state.backup_age_s is not None:
        gauges.set("backup_age_seconds", "Age of the last complete backup of the store.", state.backup_age_s)
