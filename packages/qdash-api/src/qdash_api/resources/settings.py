"""Routes of the settings."""

from __future__ import annotations

from qdash_api.routing.call import Call
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.settings import SettingsDocument

routes = Routes("settings")


@routes.get("/settings", needs=RequiredRole.SELF, answers=SettingsDocument)
def show_settings(call: Call) -> SettingsDocument:
    """Show the settings in force, without secrets and file paths."""
    return SettingsDocument.from_settings(call.qdash.settings)
