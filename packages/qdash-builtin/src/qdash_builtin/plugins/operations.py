"""Operations of installed and disabled plugins."""

from __future__ import annotations

from dataclasses import replace

from qdash_builtin.plugins.views import PluginDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("plugins", place=510)


@operations.get("/plugins", needs=RequiredRole.SELF)
def list_plugins(call: Call) -> PageOf[PluginDocument]:
    """List the installed plugins, each with what it provides or why it was disabled."""
    registry = call.qdash.registry
    collected = {(one.name, one.distribution): one for one in registry.fully_collected}
    plugins = [
        replace(one, provides=collected[one.name, one.distribution].provides | one.provides)
        if one.status == "ok"
        else one
        for one in registry.plugins
    ]
    home = call.qdash.settings.home
    shown = PluginDocument.list_all(plugins, registry, home, fully=call.administers)
    page = Page.from_all_items(shown, call.page, lambda one: (one.name, one.distribution))
    return PageOf[PluginDocument].from_page(page, lambda one: one)
