"""Every resource that the host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.resources import (
    backends,
    chips,
    documentation,
    executions,
    flows,
    health,
    locks,
    logs,
    plans,
    plugins,
    queue,
    tasks,
    workers,
)

if TYPE_CHECKING:
    from qdash_api.guarding.routes import Routes

ROUTES: tuple[Routes, ...] = (
    health.routes,
    documentation.routes,
    chips.routes,
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
)
"""In the order of the documentation. A later resource is one line here."""
