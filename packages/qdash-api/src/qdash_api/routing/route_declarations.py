"""Startup check that every route performs a declared operation or belongs to a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts

from qdash_api.routing.routes import GuardedRoute
from qdash_core.operations.required_role import RequiredRole
from qdash_core.parsing.limits import REQUEST_BODY

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from fastapi import FastAPI

PLUGINS = "/plugins/"
"""Path prefix of the routes of plugins; `AuthenticationMiddleware` requires a role for those that perform no operation."""


def require_declared_routes(app: FastAPI) -> None:
    """Refuse an application with an unguarded route.

    Raises RuntimeError if a route performs no declared operation and is not a plugin's, has a plugin's path without
    being one, or is open with a part of its path that varies.
    """
    faults = list(_find_faults(app))
    if faults:
        raise RuntimeError("; ".join(faults))


def list_open_paths(app: FastAPI) -> dict[str, set[str]]:
    """Return the paths of open operations, which need no token, with their methods."""
    found: dict[str, set[str]] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, GuardedRoute) or route.operation.plugin:
            continue
        if route.operation.needs is RequiredRole.OPEN:
            methods = {"GET", "HEAD"} if route.operation.reads else {route.operation.method}
            found.setdefault(str(context.path), set()).update(methods)
    return found


def list_body_limits(app: FastAPI) -> list[tuple[str, re.Pattern[str], int]]:
    """Return method, pattern of the path and largest body of the operations with a limit of their own."""
    return [
        (method, context.path_regex, route.operation.largest_body)
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, GuardedRoute)
        and route.operation.largest_body != REQUEST_BODY.size
        for method in route.methods or ()
    ]


def _find_faults(app: FastAPI) -> Iterator[str]:
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, str(context.path)
        if not isinstance(route, GuardedRoute):
            if not path.startswith(PLUGINS):
                yield f"{path} performs no declared operation"
            continue
        plugin = route.operation.plugin
        if path.startswith(PLUGINS) and not plugin:
            yield f"{path} begins with {PLUGINS}, which is reserved for plugins"
        elif plugin and not path.startswith(f"{PLUGINS}{plugin}/"):
            yield f"{path} is of the plugin {plugin} and not below {PLUGINS}{plugin}/"
        elif route.operation.needs is RequiredRole.OPEN and "{" in path:
            yield f"{path} is open, and parts of it vary"
