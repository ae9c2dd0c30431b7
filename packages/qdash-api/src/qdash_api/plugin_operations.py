"""Mounting of the operations of QDash's own features, and of those that plugins declare."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fastapi.openapi.utils import get_openapi
from starlette.routing import Match

from qdash_api.routing.routes import make_routes
from qdash_core.operations.plugin_operations import PluginOperations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI
    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from qdash_core.hooks.manager import Registry


def mount_operations(app: FastAPI, registry: Registry) -> None:
    """Mount the routes of operations; a plugin whose routes cannot be made or described is set aside."""
    mounted: list[BaseRoute] = []
    for operations in registry.operations():
        if isinstance(operations, PluginOperations):
            with registry.contain_failures(operations.plugin):
                mounted += _make_described_routes(operations)
        else:
            app.router.routes.extend(make_routes(operations))
    app.router.routes.extend(mounted)
    app.state.plugin_operation_routes = mounted


def performs_operation(routes: Iterable[BaseRoute], scope: Scope) -> bool:
    """Return whether a request is for one of the routes of operations."""
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


@cache
def _make_described_routes(operations: PluginOperations) -> list[BaseRoute]:
    """Return the routes of operations, which the OpenAPI document can describe."""
    routes = make_routes(operations)
    get_openapi(title=operations.plugin, version="", routes=routes)
    return routes
