"""Plugins at work: each is imported and called on its own, and set aside with all it gives when it fails."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Hashable, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import PluginError
from qdash_core.hooks.discovery import Candidate, may_have_commands
from qdash_core.hooks.registration import registered
from qdash_core.tasks.failures import described

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from contextlib import AbstractContextManager

    import click
    from pluggy import PluginManager

    from qdash_core.hooks.checks import Offer

logger = logging.getLogger(__name__)

Status = Literal["ok", "failed", "blocked"]
Given = Mapping[Hashable, tuple[Candidate, Any]]
"""What came through one hook: identity to the plugin and the thing."""


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """What became of a plugin.

    Parameters
    ----------
    name : str
        The plugin.
    distribution, version : str
        Where it comes from; empty when it was handed over by a program.
    status : {"ok", "failed", "blocked"}
        Whether what it gives is in use.
    error : str or None
        One line that says why it was set aside.
    provides : dict of str to list of str
        Hook to the names of what it gave, for the hooks that were called so far.
    """

    name: str
    distribution: str
    version: str
    status: Status
    error: str | None
    provides: dict[str, list[str]]


@dataclass(slots=True)
class _Plugin:
    candidate: Candidate
    blocked: bool = False
    error: str | None = None
    # A manager of its own: a call reaches this plugin and no other, so a failure has one owner.
    manager: PluginManager | None = None
    provides: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.blocked:
            self.error = self.candidate.broken

    @property
    def waits(self) -> bool:
        return self.manager is None and self.error is None and not self.blocked

    def implements(self, hook: str) -> bool:
        return (
            self.manager is not None
            and self.error is None
            and bool(getattr(self.manager.hook, hook).get_hookimpls())
        )

    def record(self) -> PluginRecord:
        status: Status = "blocked" if self.blocked else "failed" if self.error else "ok"
        owner = self.candidate
        return PluginRecord(
            owner.name, owner.distribution, owner.version, status, self.error, dict(self.provides)
        )


class PluginHost:
    """Holds the plugins of a process and what they have given so far.

    Parameters
    ----------
    candidates : iterable of Candidate
        The plugins, who wins a name first.
    blocked : collection of str
        Names of plugins that are left out.
    commands_only : bool
        Import, for now, only what may have commands. The rest follows when anything else is asked for.
    """

    def __init__(
        self, candidates: Iterable[Candidate], *, blocked: Collection[str], commands_only: bool
    ) -> None:
        self._plugins = [_Plugin(candidate, blocked=candidate.name in blocked) for candidate in candidates]
        self._given: dict[str, Given] = {}
        self._lock = RLock()
        self._import(only_commands=commands_only)

    def records(self) -> list[PluginRecord]:
        """Return what became of each plugin, in order of precedence."""
        with self._lock:
            self._import()
            return [plugin.record() for plugin in self._plugins]

    def failures(self) -> list[PluginRecord]:
        """Return the plugins that were set aside so far."""
        return [plugin.record() for plugin in self._plugins if plugin.error]

    def given(self, hook: str) -> Given:
        """Return what plugins give through a hook: identity to the plugin and the thing.

        The hook is called when this is asked for the first time.
        """
        found = self._given.get(hook)
        if found is None:
            with self._lock:
                self._import()
                found = self._given.get(hook)
                if found is None:
                    found = self._given[hook] = self._collect(hook)
        return found

    def given_by_others(self, hook: str) -> bool:
        """Whether a plugin that is no member of QDash implements a hook."""
        with self._lock:
            self._import()
            return any(
                plugin.implements(hook) for plugin in self._plugins if not plugin.candidate.of_a_member
            )

    def add_commands(self, app: click.Group) -> None:
        """Let every plugin add its commands; what a plugin that fails has added is taken back."""
        from qdash_core.hooks.commands import CommandLedger

        with self._lock:
            owners: dict[str, str] = {}
            for plugin in self._plugins:
                if plugin.implements("qdash_cli"):
                    ledger = CommandLedger(app, owners)
                    with self._contained(plugin):
                        self._call(plugin, "qdash_cli", app=app)
                        added = plugin.provides["qdash_cli"] = ledger.added()
                        owners.update(dict.fromkeys(added, plugin.candidate.described))
                    if plugin.error:
                        ledger.restore()

    def contained(self, name: str) -> AbstractContextManager[None]:
        """Return a block in which the plugin of this name is set aside when the block fails."""
        return self._contained(next(one for one in self._plugins if one.candidate.name == name))

    def _collect(self, hook: str) -> Given:
        from qdash_core.hooks.checks import offers_of

        given: dict[Hashable, tuple[Candidate, Any]] = {}
        for plugin in self._plugins:
            if plugin.implements(hook):
                with self._contained(plugin):
                    offers = offers_of(hook, self._call(plugin, hook), plugin=plugin.candidate.name)
                    _require_free(offers, given, hook, plugin.candidate)
                    given.update(
                        (claim, (plugin.candidate, offer.thing)) for offer in offers for claim in offer.claims
                    )
                    plugin.provides[hook] = [name for offer in offers for name in offer.names]
        return given

    def _import(self, *, only_commands: bool = False) -> None:
        for plugin in self._plugins:
            if plugin.waits and (not only_commands or may_have_commands(plugin.candidate)):
                with self._contained(plugin):
                    plugin.manager = registered(plugin.candidate)

    @staticmethod
    def _call(plugin: _Plugin, hook: str, **arguments: object) -> object:
        assert plugin.manager is not None
        try:
            returned = getattr(plugin.manager.hook, hook)(**arguments)
        except (Exception, SystemExit) as error:
            raise PluginError(f"{hook} raised {described(error, module=plugin.candidate.module)}") from error
        if returned and inspect.iscoroutine(returned[0]):
            returned[0].close()
        # pluggy leaves out what is None.
        return returned[0] if returned else None

    @contextmanager
    def _contained(self, plugin: _Plugin) -> Iterator[None]:
        """Set the plugin aside when the block fails, in whatever way: this is the border to the code of others."""
        try:
            # What a plugin prints would stand in the middle of a command's JSON.
            with redirect_stdout(sys.stderr):
                yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit of a plugin must not end the host
            logger.debug("%s is set aside", plugin.candidate.described, exc_info=error)
            self._set_aside(plugin, str(error) if isinstance(error, PluginError) else described(error))

    def _set_aside(self, plugin: _Plugin, reason: str) -> None:
        plugin.error = " ".join(reason.split())
        plugin.manager = None
        plugin.provides = {}
        # Replaced, not changed: another thread may be looking through it.
        self._given = {
            hook: {
                claim: (owner, thing)
                for claim, (owner, thing) in given.items()
                if owner is not plugin.candidate
            }
            for hook, given in self._given.items()
        }


def _require_free(offers: Iterable[Offer], given: Given, hook: str, candidate: Candidate) -> None:
    for offer in offers:
        for claim in offer.claims:
            if claim in given:
                owner, _ = given[claim]
                raise PluginError(
                    f"{hook}: the name {offer.called(claim)!r} of {candidate.described} is taken by {owner.described}: "
                    f"rename one, or leave one out with QDASH_BLOCK_PLUGINS={candidate.name} or ={owner.name}"
                )
