"""Paths that need no token: a route is open only if it is listed here and declares itself open."""

from __future__ import annotations

_READ = ("GET", "HEAD")

OPEN_PATHS = {
    "/health": _READ,
    "/ready": _READ,
    "/openapi.json": _READ,
    "/docs": _READ,
    "/docs/swagger-ui.css": _READ,
    "/docs/swagger-ui-bundle.js": _READ,
    "/docs/page.js": _READ,
    "/redoc": _READ,
    "/redoc/redoc.standalone.js": _READ,
    "/redoc/page.js": _READ,
    "/auth/login": ("POST",),
    "/auth/setup": (*_READ, "POST"),
}
"""Allowed methods by exact path."""
