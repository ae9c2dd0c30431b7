"""Composition root for the command line, the host and notebooks."""

from __future__ import annotations

import logging
from functools import cached_property
from pkgutil import resolve_name
from threading import RLock
from typing import TYPE_CHECKING, Any, Self, TypeVar

from qdash_core.errors import NotOfferedError
from qdash_core.models.simulated_time import describe_simulated_time, get_simulated_time
from qdash_core.runtime.runtime import Runtime

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.features.declarations import Service
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.execution import EventModel
    from qdash_core.settings import Settings


S = TypeVar("S")
logger = logging.getLogger(__name__)


class QDash(Runtime):
    """Runtime with the services of features, each imported and opened at its first use, since a command needs only a few."""

    _opened: dict[Service[Any], Any]
    _opening: RLock

    def __post_init__(self) -> None:
        """Begin without services."""
        super().__post_init__()
        # Not at their first use: threads could then begin twice, and open a service twice.
        vars(self).update(_opened={}, _opening=RLock())

    @classmethod
    def from_runtime(cls, runtime: Runtime) -> Self:
        """Return the services of an open runtime, which stays open after them."""
        return cls(
            runtime.settings,
            runtime.registry,
            runtime.store,
            runtime.artifacts,
            runtime.home_zone,
            runtime.clock,
        )

    def get(self, service: Service[S]) -> S:
        """Return a service of a feature, such as `get(ISSUES)`; the same one each time.

        Raises
        ------
        NotOfferedError
            If a feature has to provide the service, and none does.
        """
        found: S | None = self._opened.get(service)
        if found is None:
            with self._opening:
                if (found := self._opened.get(service)) is None:
                    if not (opener := self.registry.find_opener(service)):
                        raise NotOfferedError(
                            f"no active feature provides the {service.name}: `qdash plugins list` shows what is blocked or set aside"
                        )
                    found = self._opened[service] = resolve_name(opener)(self)
        return found

    def announce(self, event: EventModel) -> None:
        """Send an event by the notifiers, if the settings name its kind; for kinds of events that are `immediate`, after the commit."""
        self.announcers.announce(event)

    @cached_property
    def facts(self) -> FactReader:
        """Reader of the facts of all features."""
        from qdash_core.hooks.fact_reader import FactReader

        return FactReader(self.registry, self.participants, self)

    def close(self) -> None:
        """End services that ask for it, the latest opened first, and close the store."""
        for service, opened in reversed(self._opened.items()):
            if service.ended_by:
                getattr(opened, service.ended_by)()
        super().close()


def open_qdash(
    settings: Settings | None = None,
    registry: Registry | None = None,
    *,
    new: bool = False,
    simulated_clock: datetime | None = None,
) -> QDash:
    """Open the application, as `Runtime.open` does. If the home has a simulated clock, the log says so."""
    qdash = QDash.open(settings, registry, new=new, simulated_clock=simulated_clock)
    if (moment := get_simulated_time()) is not None:
        logger.warning("%s", describe_simulated_time(moment, qdash.zone))
    return qdash
