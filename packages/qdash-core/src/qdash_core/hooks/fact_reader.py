"""Reader of the facts of all features, each within a time limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.errors import PluginError
from qdash_core.hooks.participants import Participant
from qdash_core.models.facts import Fact, FoundFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.participants import Participants
    from qdash_core.models.access import Access
    from qdash_core.models.facts import FactSubject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reader of the facts of all features. A feature that fails costs one line, and takes nothing from others.

    Their functions run in threads of their own, within a time limit: no snapshot of the store may be open here.
    """

    registry: Registry
    participants: Participants
    qdash: Any

    def read(self, access: Access, subject: FactSubject) -> FoundFacts:
        """Return the facts of all features about a subject."""
        facts: list[Fact] = []
        missing: list[str] = []
        for plugin, place in self.registry.list_named("facts"):
            try:
                facts += self.call(plugin, place, access, subject, check_facts)
            except PluginError as error:
                missing.append(f"facts of the plugin {plugin.name!r} are missing: {error!s:.300}")
        return FoundFacts(facts, missing)

    def call(
        self,
        plugin: PluginCandidate,
        place: str,
        access: Access,
        subject: object,
        check: Callable[[str, object], T],
    ) -> T:
        """Return what a function of a feature returns; raise PluginError if it fails, or returns anything else."""

        def call() -> T:
            return check(place, resolve_name(place)(self.qdash, access, subject))

        found: T = self.participants.ask(Participant(plugin, call), place)
        return found


def check_facts(place: str, returned: object) -> list[Fact]:
    """Return the facts that a function of a feature returned; raise PluginError if they are none."""
    if not isinstance(returned, Iterable):
        raise PluginError(f"{place} returned {type(returned).__name__}, not a list")
    found = []
    for one in returned:
        if not isinstance(one, Fact):
            raise PluginError(f"{place} returned a list with {one!r:.100}, which is no Fact")
        if one.at.tzinfo is None:
            raise PluginError(f"{place} returned a fact whose time has no time zone: {one.title!r}")
        found.append(one)
    return found
