"""Every resource that the host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.resources import (
    audit,
    auth,
    backends,
    calibration_notes,
    chips,
    cooldowns,
    cryostats,
    documentation,
    events,
    executions,
    exports,
    flows,
    health,
    locks,
    logs,
    members,
    metric_notes,
    metrics,
    note_events,
    notes,
    plans,
    plugins,
    projects,
    prometheus,
    queue,
    settings,
    tags,
    targets,
    tasks,
    topology,
    users,
    workers,
)

if TYPE_CHECKING:
    from qdash_api.guarding.routes import Routes

ROUTES: tuple[Routes, ...] = (
    health.routes,
    prometheus.routes,
    documentation.routes,
    auth.routes,
    users.routes,
    projects.routes,
    members.routes,
    audit.routes,
    chips.routes,
    topology.routes,
    targets.routes,
    metrics.routes,
    notes.routes,
    metric_notes.routes,
    note_events.routes,
    cryostats.routes,
    cooldowns.routes,
    calibration_notes.routes,
    tags.routes,
    exports.routes,
    plans.routes,
    queue.routes,
    executions.routes,
    logs.routes,
    tasks.routes,
    flows.routes,
    locks.routes,
    workers.routes,
    backends.routes,
    plugins.routes,
    events.routes,
    settings.routes,
)
"""In the order of the documentation. A later resource is one line here."""
