"""Every resource that the host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.resources import (
    audit,
    auth,
    chips,
    documentation,
    events,
    health,
    members,
    projects,
    prometheus,
    users,
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
    events.routes,
)
"""In the order of the documentation. A later resource is one line here."""
