"""Host of plugins, which isolates the failures of each."""

from __future__ import annotations

import inspect
import logging
import sys
import time
from collections.abc import Hashable, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, cast

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.features.declarations import CONTRIBUTED_HOOKS, remember_entity, remember_features
from qdash_core.features.discovery import PluginCandidate, may_have_commands
from qdash_core.hooks.registration import register_plugin
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from contextlib import AbstractContextManager

    import click
    from pluggy import HookImpl, PluginManager

    from qdash_core.features.declarations import Feature
    from qdash_core.hooks.checks import Contribution
    from qdash_core.hooks.commands import CommandLedger, CommandMakers
    from qdash_core.hooks.participants import Participant
    from qdash_core.hooks.protocols import DeclaredEntity
    from qdash_core.tasks.quantities import QuantityTable

logger = logging.getLogger(__name__)

Status = Literal["ok", "failed", "blocked"]
Given = Mapping[Hashable, tuple[PluginCandidate, Any]]
"""Contributions through one hook: plugin and object by identity."""
_HOOKS_OF_FEATURES = (
    "qdash_operations",
    "qdash_entities",
    "qdash_dashboard_pages",
    "qdash_dashboard_sections",
    *CONTRIBUTED_HOOKS,
)
"""Hooks in whose place a feature declares what it provides."""
_BLOCKED = "left out by QDASH_BLOCK_PLUGINS"
SLOW_IMPORT_S = 1.0
"""Time of an import that the user is told of, in seconds."""
_IMPORTED_S: dict[str, float] = {}
"""Time of the first import of each module of a plugin: later ones of a process take none."""


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """State of a plugin. Its distribution is empty if a program passed it in.

    `status` tells whether its contributions are in use; `provides` has their names by hook, for the hooks called so
    far. `error` is the reason in one line why it was set aside, or None. `slow_import` is a remark in one line if its
    import took long in this process, or None.
    """

    name: str
    distribution: str
    version: str
    status: Status
    error: str | None
    provides: dict[str, list[str]]
    slow_import: str | None = None


@dataclass(slots=True)
class _Plugin:
    candidate: PluginCandidate
    blocked: bool = False
    error: str | None = None
    # Each plugin has its own manager, so that a failed call belongs to one plugin.
    manager: PluginManager | None = None
    provides: dict[str, list[str]] = field(default_factory=dict)
    features: list[Feature] = field(default_factory=list)
    entities: list[DeclaredEntity] = field(default_factory=list)
    slow_import: str | None = None

    def __post_init__(self) -> None:
        if not self.blocked:
            self.error = self.candidate.broken

    @property
    def waits(self) -> bool:
        return self.manager is None and self.error is None and not self.blocked

    def implements(self, hook: str) -> bool:
        return self.manager is not None and self.error is None and hasattr(self.manager.hook, hook)

    def provides_by(self, hook: str) -> bool:
        """Return whether the plugin implements a hook, or a feature of it may provide something in its place."""
        return self.implements(hook) or (hook in _HOOKS_OF_FEATURES and self.implements("qdash_features"))

    def get_place(self, hook: str) -> int:
        """Return the place that the plugin asks for among all that implement a hook: -1 first, 0, or 1 last."""
        if not self.implements(hook):
            return 0
        implementation = self._get_implementation(hook)
        return int(implementation.trylast) - int(implementation.tryfirst)

    def get_function(self, hook: str) -> object:
        return self._get_implementation(hook).function

    def _get_implementation(self, hook: str) -> HookImpl:
        (implementation,) = getattr(self.manager.hook, hook).get_hookimpls()  # type: ignore[union-attr]
        return cast("HookImpl", implementation)

    def record(self) -> PluginRecord:
        status: Status = "blocked" if self.blocked else "failed" if self.error else "ok"
        owner = self.candidate
        return PluginRecord(
            owner.name,
            owner.distribution,
            owner.version,
            status,
            self.error,
            dict(self.provides),
            self.slow_import,
        )


class PluginHost:
    """Plugins of a process and their contributions so far.

    The candidates are in order of precedence. With `commands_only`, only plugins that may have commands are imported
    at first; the others follow when needed.
    """

    def __init__(
        self, candidates: Iterable[PluginCandidate], *, blocked: Collection[str], commands_only: bool
    ) -> None:
        self._plugins = [_Plugin(candidate, blocked=candidate.name in blocked) for candidate in candidates]
        self._given: dict[str, Given] = {}
        self._participants: dict[str, list[Participant]] = {}
        self._lock = RLock()
        self._import(only_commands=commands_only)

    def copy(self) -> PluginHost:
        """Return a host of the same plugins with the contributions so far, which calls further hooks without effect on this one."""
        with self._lock:
            blocked = {plugin.candidate.name for plugin in self._plugins if plugin.blocked}
            candidates = [plugin.candidate for plugin in self._plugins]
            host = PluginHost(candidates, blocked=blocked, commands_only=False)
            host._given = dict(self._given)
            for copied, plugin in zip(host._plugins, self._plugins, strict=True):
                copied.manager, copied.features = plugin.manager, plugin.features
            return host

    def records(self) -> list[PluginRecord]:
        """Return the state of each plugin, in order of precedence."""
        with self._lock:
            self._import(features_too=True)
            return [plugin.record() for plugin in self._plugins]

    def failures(self) -> list[PluginRecord]:
        """Return the plugins that were set aside so far."""
        return [plugin.record() for plugin in self._plugins if plugin.error]

    def list_contributions(self, hook: str) -> Given:
        """Return the contributions through a hook, which is called at the first request: plugin and object by identity."""
        found = self._given.get(hook)
        if found is None:
            with self._lock:
                self._import(features_too=hook == "qdash_features")
                if hook in _HOOKS_OF_FEATURES:
                    self.list_contributions("qdash_features")
                if hook not in self._given:
                    self._given[hook] = self._collect(hook)
                    self._set_dependents_aside()
                found = self._given[hook]
        return found

    def list_participants(self, hook: str) -> list[Participant]:
        """Return the plugins that take part by a hook, in order: `tryfirst` before others, `trylast` after them."""
        found = self._participants.get(hook)
        if found is None:
            from qdash_core.hooks.participants import Participant

            with self._lock:
                self._import()
                plugins = [plugin for plugin in self._plugins if plugin.implements(hook)]
                plugins.sort(key=lambda plugin: plugin.get_place(hook))
                for plugin in plugins:
                    plugin.provides[hook] = [plugin.candidate.name]
                found = [Participant(one.candidate, partial(self._call, one, hook)) for one in plugins]
                self._participants[hook] = found
        return found

    def is_implemented_by_others(self, hook: str) -> bool:
        """Return whether a plugin outside QDash's own distributions implements a hook, or has features in its place."""
        with self._lock:
            self._import()
            return any(plugin.provides_by(hook) for plugin in self._plugins if not plugin.candidate.is_own)

    def list_implementing(self, hook: str) -> list[PluginCandidate]:
        """Return the plugins that implement a hook."""
        with self._lock:
            self._import()
            return [plugin.candidate for plugin in self._plugins if plugin.implements(hook)]

    def call_alone(self, candidate: PluginCandidate, hook: str) -> list[Any]:
        """Return what one plugin contributes to a hook, which is not called for others; nothing if it fails, and is set aside."""
        plugin = next(one for one in self._plugins if one.candidate is candidate)
        with self._lock, self._contain_failures(plugin):
            return [one.thing for one in self._call_and_check(plugin, hook)]
        return []

    def add_commands(self, app: click.Group, makers: CommandMakers | None = None) -> None:
        """Let every plugin add its commands, and add the groups of its entities and operations; remove those of a plugin that fails."""
        from qdash_core.hooks.commands import CommandLedger

        with self._lock:
            owners: dict[str, str] = {}
            for plugin in self._plugins:
                hooks = ("qdash_cli",) if makers is None else plugin.candidate.command_hooks
                if any(map(plugin.implements, hooks)):
                    ledger = CommandLedger(app, owners)
                    with self._contain_failures(plugin):
                        self._add_own_commands(plugin, app, ledger, makers)
                        added = plugin.provides["qdash_cli"] = ledger.list_added()
                        owners.update(dict.fromkeys(added, plugin.candidate.description))
                    if plugin.error:
                        ledger.restore()
            for plugin in self._plugins:
                if makers is not None and _has_group(plugin):
                    # Later than all other commands: each ledger lists every group, which loads this one.
                    own = {name: at for one in plugin.features for name, at in one.commands.items()}
                    load, main = partial(self._load_operations, plugin), plugin.candidate.name
                    for name in {main, *(entity.name for entity in plugin.entities)}:
                        group = cast("click.Group", app.commands[name])
                        app.commands[name] = makers.make_declared_group(
                            group, load, own if name == main else {}
                        )

    def _add_own_commands(
        self, plugin: _Plugin, app: click.Group, ledger: CommandLedger, makers: CommandMakers | None
    ) -> None:
        """Let a plugin add its commands, and add the groups of its entities, and one for its operations."""
        import click

        name = plugin.candidate.name
        taken = name in app.commands
        if plugin.implements("qdash_cli"):
            self._call(plugin, "qdash_cli", app=app)
        if makers is None:
            return
        ledger.list_added()
        ledger.replace_added(makers.guard)
        if plugin.implements("qdash_features") and not plugin.candidate.is_own:
            self._call_and_check(plugin, "qdash_features")
            if any(one.requires for one in plugin.features):
                self.list_contributions("qdash_features")  # sets the plugin aside if one is absent
        if plugin.implements("qdash_entities") or any(one.entities for one in plugin.features):
            for entity in self._call_and_check(plugin, "qdash_entities"):
                app.add_command(entity.thing.make_group())
        if _has_group(plugin):
            own = None if taken else app.commands.get(name)
            if own is None:
                app.add_command(click.Group(name, help=f"Commands of {plugin.candidate.description}."))
            elif not isinstance(own, click.Group):
                raise PluginError(f"the command {name!r} of the plugin is no group, below which others are")

    def _load_operations(self, plugin: _Plugin) -> list[Any]:
        """Return the operations of a plugin; raise PluginError if it was set aside."""
        with self._lock:
            if plugin.error is None:
                with self._contain_failures(plugin):
                    return [one.thing for one in self._call_and_check(plugin, "qdash_operations")]
        raise PluginError(f"{plugin.candidate.description} was set aside: {plugin.error}")

    def contain_failures(self, name: str) -> AbstractContextManager[None]:
        """Return a context that sets the plugin of this name aside if its block fails."""
        return self._contain_failures(next(one for one in self._plugins if one.candidate.name == name))

    def _collect(self, hook: str) -> Given:
        given: dict[Hashable, tuple[PluginCandidate, Any]] = {}
        quantities = None
        if hook == "qdash_tasks":
            from qdash_core.tasks.quantities import QuantityTable

            quantities = QuantityTable()
        for plugin in self._plugins:
            if plugin.provides_by(hook):
                with self._contain_failures(plugin):
                    contributions = self._call_and_check(plugin, hook)
                    _require_free(contributions, given, hook, plugin.candidate)
                    if quantities is not None:
                        quantities = _add_quantities(quantities, contributions, plugin.candidate)
                    given.update(
                        (key, (plugin.candidate, one.thing)) for one in contributions for key in one.keys
                    )
                    if contributions or plugin.implements(hook):
                        plugin.provides[hook] = [name for one in contributions for name in one.names]
        # A name belongs to the first plugin by precedence; the order of use is that which plugins ask for.
        places = {
            plugin.candidate.name: plugin.get_place(hook)
            for plugin in self._plugins
            if plugin.provides_by(hook)
        }
        kept = (one for one in given.items() if one[1][0].name in places)
        return dict(sorted(kept, key=lambda one: places[one[1][0].name]))

    def _import(self, *, only_commands: bool = False, features_too: bool = False) -> None:
        for plugin in self._plugins:
            one = plugin.candidate
            needed = features_too if one.is_own_feature else not only_commands or may_have_commands(one)
            if plugin.waits and needed:
                began = time.perf_counter()
                with self._contain_failures(plugin):
                    plugin.manager = register_plugin(plugin.candidate)
                if not one.is_own:  # ours wait for parts of the core that any command needs
                    took_s = _IMPORTED_S.setdefault(one.module, time.perf_counter() - began)
                    plugin.slow_import = describe_slow_import(took_s)

    def _set_dependents_aside(self) -> None:
        """Set plugins aside whose features require one that is absent, until none does."""
        while (found := self._find_missing_requirement()) is not None:
            plugin, name, missing = found
            blocked = any(one.blocked and one.candidate.name == missing for one in self._plugins)
            why = _BLOCKED if blocked else "not installed, or set aside"
            self._set_aside(plugin, f"the feature {name!r} requires the feature {missing!r}, which is {why}")

    def _find_missing_requirement(self) -> tuple[_Plugin, str, str] | None:
        """Return a plugin with a feature and the absent feature that it requires, or None."""
        present = self._given.get("qdash_features")
        if present is None:
            return None
        for plugin in self._plugins:
            for feature in plugin.features:
                for required in feature.requires:
                    if required not in present:
                        return plugin, feature.name, required
        return None

    def _call_and_check(self, plugin: _Plugin, hook: str) -> list[Contribution]:
        """Return the contributions of a plugin to a hook, and of its features in its place.

        Operations of QDash's own features have routes at the root.
        """
        from qdash_core.hooks.checks import check_contributions

        owner = plugin.candidate
        loaded = _load_from_features(plugin, hook) if hook in _HOOKS_OF_FEATURES else []
        found = check_contributions(hook, loaded, path="") if owner.is_own else []
        if plugin.implements(hook):
            returned = self._call(plugin, hook)
            if isinstance(returned, list) and not owner.is_own:
                returned = [*returned, *loaded]
            found += check_contributions(
                hook, returned, path=owner.mount_path, function=plugin.get_function(hook)
            )
        elif not owner.is_own:
            found = check_contributions(hook, loaded, path=owner.mount_path)
        if hook == "qdash_features":
            plugin.features = [one.thing for one in found]
            if any(one.settings for one in plugin.features) and not owner.is_object:
                raise PluginError(
                    "a feature with settings is named by an entry point, 'module:attribute': settings are read before hooks are called"
                )
            remember_features(plugin.features)
        if hook == "qdash_entities":
            plugin.entities = [one.thing for one in found]
            for entity in plugin.entities:
                self._refuse_blocked_feature(entity)
                remember_entity(entity.name, entity.noun, entity.plural_noun)
        if hook == "qdash_operations" and not owner.is_own:
            self._refuse_unknown_groups(plugin, found)
        return found

    def _refuse_blocked_feature(self, entity: DeclaredEntity) -> None:
        """Raise PluginError if the feature that serves an entity is blocked."""
        if any(one.blocked and one.candidate.name == entity.feature for one in self._plugins):
            raise PluginError(
                f"the entity {entity.name!r} requires the feature {entity.feature!r}, which is {_BLOCKED}"
            )

    def _refuse_unknown_groups(self, plugin: _Plugin, operations: Iterable[Contribution]) -> None:
        """Raise PluginError if a command of an operation is below a group that is neither the plugin's nor that of its entities."""
        named = {group for one in operations for group in one.thing.list_groups()}
        if named and plugin.provides_by("qdash_entities") and not plugin.entities:
            self._call_and_check(plugin, "qdash_entities")
        entities = [one.name for one in plugin.entities]
        if unknown := sorted(named - {*entities}):
            known = ", ".join(entities) or "none"
            raise PluginError(
                f"qdash_operations: commands are below {unknown[0]!r}, which is no entity of the plugin (its entities: {known})"
            )

    @staticmethod
    def _call(plugin: _Plugin, hook: str, **arguments: object) -> object:
        assert plugin.manager is not None
        try:
            returned = getattr(plugin.manager.hook, hook)(**arguments)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{hook} raised {describe_error(error, module=plugin.candidate.module)}"
            ) from error
        if returned and inspect.iscoroutine(returned[0]):
            returned[0].close()
        # pluggy leaves out None.
        return returned[0] if returned else None

    @contextmanager
    def _contain_failures(self, plugin: _Plugin) -> Iterator[None]:
        """Set the plugin aside if the block raises anything, as it runs third-party code."""
        try:
            # Output of a plugin would corrupt the JSON of a command.
            with redirect_stdout(sys.stderr):
                yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit of a plugin must not end the host
            logger.debug("%s is set aside", plugin.candidate.description, exc_info=error)
            self._set_aside(plugin, str(error) if isinstance(error, PluginError) else describe_error(error))

    def _set_aside(self, plugin: _Plugin, reason: str) -> None:
        plugin.error = " ".join(reason.split())
        plugin.manager = None
        plugin.provides = {}
        plugin.features, plugin.entities = [], []
        self._participants = {}
        # Replace it instead of changing it, since another thread may be iterating over it.
        self._given = {
            hook: {
                key: (owner, item) for key, (owner, item) in given.items() if owner is not plugin.candidate
            }
            for hook, given in self._given.items()
        }
        self._set_dependents_aside()


def describe_slow_import(took_s: float) -> str | None:
    """Return the remark on an import if it took longer than a second, else None."""
    if took_s <= SLOW_IMPORT_S:
        return None
    return f"its import takes {took_s:.1f} s, for which commands wait: import large libraries inside of functions"


def _load_from_features(plugin: _Plugin, hook: str) -> list[Any]:
    """Return what the features of a plugin declare in place of a hook."""
    loaded = []
    for feature in plugin.features:
        try:
            loaded += feature.load(hook)
        except (Exception, SystemExit) as error:
            described = describe_error(error, module=plugin.candidate.module)
            raise PluginError(f"the feature {feature.name!r} cannot be loaded: {described}") from error
    return loaded


def _has_group(plugin: _Plugin) -> bool:
    """Return whether a plugin has a group of commands: for operations by the hook, or for those of its features."""
    declares = any(one.operations or one.commands for one in plugin.features)
    return plugin.implements("qdash_operations") or (declares and not plugin.candidate.is_own)


def _add_quantities(
    quantities: QuantityTable, contributions: Iterable[Contribution], candidate: PluginCandidate
) -> QuantityTable:
    """Return the quantities with those of a plugin's tasks; raise PluginError if they contradict each other."""
    following = quantities.copy()
    for one in contributions:
        try:
            following.add(one.thing, candidate.description)
        except InvalidInputError as error:
            raise PluginError(
                f"{error}: give it another name or the same unit and convention, or leave {candidate.name} out with "
                f"QDASH_BLOCK_PLUGINS={candidate.name}"
            ) from error
    return following


def _require_free(
    contributions: Iterable[Contribution], given: Given, hook: str, candidate: PluginCandidate
) -> None:
    for contribution in contributions:
        for key in contribution.keys:
            if key in given:
                owner, _ = given[key]
                raise PluginError(
                    f"{hook}: the name {contribution.called(key)!r} of {candidate.description} is taken by {owner.description}: "
                    f"rename one, or leave one out with QDASH_BLOCK_PLUGINS={candidate.name} or ={owner.name}"
                )
