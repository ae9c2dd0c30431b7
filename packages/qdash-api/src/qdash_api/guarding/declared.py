"""Every route of the finished host is one that says what it needs, or a plugin's below its path: else there is no host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts

from qdash_api.guarding.needs import Needs
from qdash_api.guarding.open_paths import OPEN_PATHS
from qdash_api.guarding.routes import GuardedRoute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

PLUGINS = "/plugins/"
"""Below it are the routes of plugins, for which the gate asks what they need."""


def require_declared(app: FastAPI) -> None:
    """Refuse a host with a route that nothing guards.

    Raises
    ------
    RuntimeError
        If a route was not made by `Routes` and is no plugin's, lies on a plugin's path without being one, or is open
        without standing among the open paths.
    """
    faults = list(_faults(app))
    if faults:
        raise RuntimeError("; ".join(faults))


def _faults(app: FastAPI) -> Iterator[str]:
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, str(context.path)
        if not isinstance(route, GuardedRoute):
            if not path.startswith(PLUGINS):
                yield f"{path} was not declared by Routes"
        elif path.startswith(PLUGINS):
            yield f"{path} is where plugins are"
        elif route.needs is Needs.OPEN and not (route.methods or set()) <= set(OPEN_PATHS.get(path, ())):
            yield f"{path} is open and not among the open paths"
