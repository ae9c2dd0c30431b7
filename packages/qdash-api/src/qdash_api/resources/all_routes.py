"""Router of all resources of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from qdash_api.resources import (
    audit,
    auth,
    backends,
    backups,
    calibration_notes,
    chip_days,
    chip_trends,
    chips,
    comparisons,
    contexts,
    conversations,
    cooldowns,
    cryostats,
    digests,
    documentation,
    events,
    executions,
    explanations,
    exports,
    files,
    flows,
    health,
    issues,
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
    provenance,
    queue,
    releases,
    reports,
    results,
    review,
    settings,
    tags,
    targets,
    tasks,
    thumbnails,
    timetables,
    topology,
    users,
    value_changes,
    value_scopes,
    workers,
)

if TYPE_CHECKING:
    from qdash_api.routing.routes import Routes

ROUTES: tuple[Routes, ...] = (
    health.routes,
    prometheus.routes,
    backups.routes,
    documentation.routes,
    auth.routes,
    users.routes,
    projects.routes,
    members.routes,
    audit.routes,
    chips.routes,
    chip_days.routes,
    comparisons.routes,
    digests.routes,
    chip_trends.routes,
    topology.routes,
    targets.routes,
    metrics.routes,
    value_changes.routes,
    review.routes,
    releases.routes,
    value_scopes.routes,
    notes.routes,
    metric_notes.routes,
    note_events.routes,
    cryostats.routes,
    cooldowns.routes,
    issues.routes,
    calibration_notes.routes,
    tags.routes,
    exports.routes,
    files.routes,
    reports.routes,
    contexts.routes,
    conversations.routes,
    explanations.routes,
    plans.routes,
    provenance.routes,
    queue.routes,
    timetables.routes,
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
    results.routes,
    thumbnails.routes,
)
"""Routes in the order of the documentation."""


def make_router() -> APIRouter:
    """Return a router with the routes of all resources."""
    router = APIRouter()
    for routes in ROUTES:
        router.routes.extend(routes.router.routes)  # including the routers would create each route twice
    return router
