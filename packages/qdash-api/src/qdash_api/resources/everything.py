"""Every resource that the host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.resources import chips, documentation, health, results, thumbnails

if TYPE_CHECKING:
    from qdash_api.guarding.routes import Routes

ROUTES: tuple[Routes, ...] = (
    health.routes,
    documentation.routes,
    chips.routes,
    results.routes,
    thumbnails.routes,
)
"""In the order of the documentation. A later resource is one line here."""
