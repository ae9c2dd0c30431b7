"""Homes of the journeys and the host in this process, for the files of a server."""

from __future__ import annotations

from ..api.conftest import document, host, imported_routes, owner, registry, settings
from ..journeys.conftest import bench, calibrated, prepared, qdash

__all__ = [
    "bench",
    "calibrated",
    "document",
    "host",
    "imported_routes",
    "owner",
    "prepared",
    "qdash",
    "registry",
    "settings",
]
