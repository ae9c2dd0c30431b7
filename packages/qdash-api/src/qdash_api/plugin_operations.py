"""Mounting of the operations that plugins declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.openapi.utils import get_openapi
from starlette.routing import Match

from qdash_api.routing.routes import make_routes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI
    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from qdash_core.hooks.manager import Registry


def mount_operations(app: FastAPI, registry: Registry) -> None:
    """Mount the routes of the operations of plugins; a plugin whose routes cannot be made or described is set aside."""
    mounted: list[BaseRoute] = []
    for operations in registry.operations():
        with registry.contain_failures(operations.plugin):
            routes = make_routes(operations)
            get_openapi(title=operations.plugin, version="", routes=routes)
            mounted += routes
    app.router.routes.extend(mounted)
    app.state.plugin_operation_routes = mounted


def performs_operation(routes: Iterable[BaseRoute], scope: Scope) -> bool:
    """Return whether a request is for one of the routes of operations."""
    return any(route.matches(scope)[0] is Match.FULL for route in routes)
