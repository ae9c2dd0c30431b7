"""Operations of the settings."""

from __future__ import annotations

from qdash_builtin.runs.views.settings import SettingsDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("settings", place=540)


@operations.get("/settings", needs=RequiredRole.SELF)
def show_settings(call: Call) -> SettingsDocument:
    """Show the settings in force, without secrets and file paths."""
    return SettingsDocument.from_settings(call.qdash.settings, call.qdash.zone)
