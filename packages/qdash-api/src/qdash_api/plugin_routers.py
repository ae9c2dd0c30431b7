"""Routers of plugins, below `/plugins/<plugin name>`, where `AuthenticationMiddleware` controls access."""

from __future__ import annotations

from contextlib import asynccontextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from qdash_api.routing.route_declarations import PLUGINS
from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    from qdash_core.hooks.manager import Registry

    Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


def mount_routers(app: FastAPI, registry: Registry) -> None:
    """Mount the router of each plugin; disable a plugin whose router cannot be mounted or described."""
    for plugin, router in registry.routers():
        with registry.contain_failures(plugin):
            if not isinstance(router, APIRouter):
                raise PluginError(f"qdash_api_routers: {type(router).__name__} is not a fastapi.APIRouter")
            prefix = f"{PLUGINS}{plugin}"
            trial = APIRouter()
            trial.include_router(router, prefix=prefix)
            for context in iter_route_contexts(trial.routes):
                if context.path not in (prefix, None) and not context.path.startswith(f"{prefix}/"):
                    path = context.path.removeprefix(prefix)
                    raise PluginError(f"qdash_api_routers: path {path!r} does not begin with /")
            get_openapi(title=plugin, version="", routes=trial.routes)
            # A copy: the plugin's own router may also be mounted in another application.
            mounted = copy(router)
            mounted.lifespan_context = _contain_lifespan(router.lifespan_context, plugin, registry)
            app.include_router(
                mounted, prefix=prefix, generate_unique_id_function=_make_operation_namer(plugin)
            )


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
