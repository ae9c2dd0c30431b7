"""The paths that answer without a token: a route is open only where it stands here and says so itself."""

from __future__ import annotations

OPEN_PATHS = {
    "/health": ("GET", "HEAD"),
    "/ready": ("GET", "HEAD"),
    "/openapi.json": ("GET", "HEAD"),
    "/docs": ("GET", "HEAD"),
    "/auth/login": ("POST",),
    "/auth/setup": ("GET", "HEAD", "POST"),
}
"""Methods by exact path."""
