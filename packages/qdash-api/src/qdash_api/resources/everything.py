"""Every resource that the host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.resources import chips, documentation, events, health, prometheus

if TYPE_CHECKING:
    from qdash_api.guarding.routes import Routes

ROUTES: tuple[Routes, ...] = (
    health.routes,
    prometheus.routes,
    documentation.routes,
    chips.routes,
    events.routes,
)
"""In the order of the documentation. A later resource is one line here."""
