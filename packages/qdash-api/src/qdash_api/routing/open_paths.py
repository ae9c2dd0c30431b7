"""Paths that need no token: a route is open only if it is listed here and declares itself open."""

from __future__ import annotations

OPEN_PATHS = {
    "/health": ("GET", "HEAD"),
    "/ready": ("GET", "HEAD"),
    "/openapi.json": ("GET", "HEAD"),
    "/docs": ("GET", "HEAD"),
    "/auth/login": ("POST",),
    "/auth/setup": ("GET", "HEAD", "POST"),
}
"""Allowed methods by exact path."""
