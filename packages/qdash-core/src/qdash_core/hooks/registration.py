"""Import and validation of plugins before their hooks are called."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from pluggy import PluginManager, PluginValidationError

from qdash_core.errors import PluginError
from qdash_core.features.declarations import Feature
from qdash_core.features.plugin_markers import PLUGIN_API
from qdash_core.hooks import specs
from qdash_core.parsing.similar_names import suggest
from qdash_core.tasks.failures import describe_error, describe_place

if TYPE_CHECKING:
    from pluggy import HookimplOpts, HookspecOpts

    from qdash_core.features.discovery import PluginCandidate

HOOKS = tuple(name for name in vars(specs) if name.startswith("qdash_"))
"""The name of every hook, in call order."""
PARTICIPATION_HOOKS = (
    "qdash_run_planned",
    "qdash_before_task",
    "qdash_after_task",
    "qdash_value_changed",
    "qdash_authentication",
)
"""Hooks that are called whenever something happens, and contribute nothing."""


class _PluginManager(PluginManager):
    """Plugin manager that inspects only marked functions; all names would take most of the loading time."""

    def parse_hookspec_opts(self, module_or_class: ModuleType | type, name: str) -> HookspecOpts | None:
        return super().parse_hookspec_opts(module_or_class, name) if name in HOOKS else None

    def parse_hookimpl_opts(self, plugin: object, name: str) -> HookimplOpts | None:
        if name.startswith("__"):
            return None
        if isinstance(plugin, ModuleType | Feature):
            owner = plugin if isinstance(plugin, ModuleType) else type(plugin)
            if not hasattr(vars(owner).get(name), "qdash_impl"):
                return None
        return super().parse_hookimpl_opts(plugin, name)


def register_plugin(candidate: PluginCandidate) -> PluginManager:
    """Import a plugin and return a manager for it alone, with the hooks that it implements.

    Raises
    ------
    PluginError
        If it cannot be imported, declares another major version of the contract, or has unknown hooks.
    """
    try:
        plugin = candidate.load()
    except (Exception, SystemExit) as error:
        raise PluginError(f"cannot be imported: {describe_error(error, module=candidate.module)}") from error
    if plugin is None:
        raise PluginError("is None where a module or an object should be")
    _require_api(plugin, candidate.module)
    manager = _PluginManager("qdash")
    hooks = _list_hooks(plugin, manager)
    if hooks:
        manager.add_hookspecs(type("Specs", (), {hook: getattr(specs, hook) for hook in hooks}))
    try:
        manager.register(plugin, candidate.name)
    except PluginValidationError as error:
        function = next((getattr(plugin, hook, None) for hook in hooks if hook in str(error)), None)
        raise PluginError(f"{error}{describe_place(function)}") from error
    return manager


def _require_api(plugin: object, module: str) -> None:
    stated = getattr(
        plugin, "QDASH_PLUGIN_API", getattr(sys.modules.get(module), "QDASH_PLUGIN_API", PLUGIN_API)
    )
    if stated != PLUGIN_API:
        raise PluginError(f"is written for plugin contract {stated!r}; this QDash has {PLUGIN_API}")


def _list_hooks(plugin: object, manager: PluginManager) -> set[str]:
    """Return the names of the hooks that a plugin implements; raise PluginError unless they are known plain functions."""
    seen: set[str] = set()
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is None:
            _require_marked(plugin, attribute)
            continue
        hook = options["specname"] or attribute
        if hook not in HOOKS:
            place = describe_place(getattr(plugin, attribute))
            raise PluginError(f"has an unknown hook {hook!r}{suggest(hook, HOOKS)}{place}")
        if options["wrapper"] or options["hookwrapper"]:
            place = describe_place(getattr(plugin, attribute))
            raise PluginError(f"{hook} is a wrapper: the hooks of QDash are plain functions{place}")
        if hook in seen:
            raise PluginError(f"implements {hook} twice{describe_place(getattr(plugin, attribute))}")
        seen.add(hook)
    return seen


def _require_marked(plugin: object, attribute: str) -> None:
    """Raise PluginError if a function is named like a hook but not marked, as pluggy would not call it."""
    if attribute not in HOOKS:
        return
    function = getattr(plugin, attribute)
    elsewhere = isinstance(plugin, ModuleType) and getattr(function, "__module__", None) != plugin.__name__
    if inspect.isroutine(function) and not elsewhere:
        raise PluginError(
            f"{attribute} is not marked as a hook: write @hookimpl above it{describe_place(function)}"
        )
