"""Mounting of routes: those of QDash's own features at the root, those of plugins below `/plugins/<plugin name>`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from qdash_api.plugin_operations import mount_operations
from qdash_api.routing.routes import GuardedRoute
from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    from qdash_core.hooks.manager import PluginRouter, Registry

    Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]

_HOST = "api"
"""Feature with the routes without which the host does not start."""


def mount_routers(app: FastAPI, registry: Registry) -> None:
    """Mount operations of QDash's own features at the root, and operations and routers of each other plugin below its plugin.

    A plugin whose router cannot be mounted or described is set aside.

    Raises PluginError if the feature of the host itself is missing: without it there would be no login and no health check.
    """
    mount_operations(app, registry)
    if _HOST not in registry.features():
        raise PluginError(_describe_missing_routes(registry))
    for one in registry.routers():
        with registry.contain_failures(one.plugin):
            _mount_below(app, one, registry)


def _mount_below(app: FastAPI, plugin_router: PluginRouter, registry: Registry) -> None:
    plugin, prefix, router = plugin_router
    if not isinstance(router, APIRouter):
        raise PluginError(f"qdash_api_routers: {type(router).__name__} is not a fastapi.APIRouter")
    trial = APIRouter()
    trial.include_router(router, prefix=prefix)
    for context in iter_route_contexts(trial.routes):
        path = str(context.path).removeprefix(prefix)
        if isinstance(context.original_route, GuardedRoute):
            raise PluginError(
                f"qdash_api_routers: {path!r} is a route of the host, which only the host declares"
            )
        if context.path not in (prefix, None) and not context.path.startswith(f"{prefix}/"):
            raise PluginError(f"qdash_api_routers: path {path!r} does not begin with /")
    get_openapi(title=plugin, version="", routes=trial.routes)
    # A copy: the plugin's own router may also be mounted in another application.
    mounted = copy(router)
    mounted.lifespan_context = _contain_lifespan(router.lifespan_context, plugin, registry)
    app.include_router(mounted, prefix=prefix, generate_unique_id_function=_make_operation_namer(plugin))


def _describe_missing_routes(registry: Registry) -> str:
    """Return a message with the reason why the host's own routes are missing, and the remedy."""
    missing = f"the host does not start without its own routes, those of the plugin {_HOST!r} of qdash-api"
    records = [one for one in registry.plugins if one.name == _HOST]
    if any(one.status == "blocked" for one in records):
        return f"{missing}: it is blocked; remove {_HOST} from QDASH_BLOCK_PLUGINS"
    found = [
        f"{_HOST} of {one.distribution or 'the calling program'}: {one.error or 'it is another plugin'}"
        for one in records
    ]
    return f"{missing}: {'; '.join(found) or 'it is not installed here'}"


def _make_operation_namer(plugin: str) -> Callable[[APIRoute], str]:
    """Return the function that names the operation of a route without a name."""
    return lambda route: f"{plugin}_{route.name}"


def _contain_lifespan(lifespan: Lifespan, plugin: str, registry: Registry) -> Lifespan:
    """Return the lifespan of a router, with failures attributed to the plugin and not to the host."""

    @asynccontextmanager
    async def opened(app: Any) -> AsyncIterator[Any]:
        opening = lifespan(app)
        state = None
        began = False
        with registry.contain_failures(plugin):
            state = await opening.__aenter__()
            began = True
        try:
            yield state
        finally:
            if began:
                with registry.contain_failures(plugin):
                    await opening.__aexit__(None, None, None)

    return opened
