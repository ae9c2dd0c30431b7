"""Operations of installed and disabled plugins."""

from __future__ import annotations

from qdash_core.documents.pages import PageOf
from qdash_core.documents.plugins import PluginDocument
from qdash_core.hooks.plugin_failures import read_failures
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("plugins", place=510)


@operations.get("/plugins", needs=RequiredRole.SELF)
def list_plugins(call: Call) -> PageOf[PluginDocument]:
    """List the installed plugins, each with what it provides or why it was disabled."""
    page = Page.from_all_items(
        call.qdash.registry.plugins, call.page, lambda one: (one.name, one.distribution)
    )
    replacements = call.qdash.registry.list_replacements()
    failures = read_failures(call.qdash.settings.home)
    return PageOf[PluginDocument].from_page(
        page, lambda one: PluginDocument.from_plugin(one, replacements, failures)
    )
