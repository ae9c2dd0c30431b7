"""Routes of the entities of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.routing.routes import make_routes

if TYPE_CHECKING:
    from fastapi import FastAPI

    from qdash_core.hooks.manager import Registry


def mount_entities(app: FastAPI, registry: Registry) -> None:
    """Mount the routes of the entities of plugins below `/entities`; a plugin whose routes fail is set aside."""
    for plugin, entity in registry.list_entities():
        with registry.contain_failures(plugin):
            app.router.routes.extend(make_routes(entity.make_operations()))
