"""Notifiers in use, and announcers of features, which tell people of recorded events."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.settings import Settings

T = TypeVar("T")
R = TypeVar("R")
logger = logging.getLogger(__name__)


def configure_notifiers(notifiers: Iterable[Notifier], settings: Settings) -> list[Notifier]:
    """Return the notifiers in use; a method `configured` returns the notifier to use, or None."""
    used = []
    for notifier in notifiers:
        configure = getattr(notifier, "configured", None)
        try:
            chosen = notifier if configure is None else configure(settings)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
            logger.warning("notifier %s cannot be used: %s", notifier.name, error)
            continue
        if chosen is not None:
            used.append(chosen)
    return used


class EventDelivery(Protocol):
    """Delivery of the events of a run in the background, from `begin` to `end`."""

    def begin(self, *, since: int | None = None, also: Collection[str] = ()) -> None:
        """Start to deliver events after the number `since`, or after the newest one if it is None.

        `also` has other executions to include: dead runs, whose events no other process delivers.
        """

    def end(self) -> None:
        """Deliver the remaining events within a time limit."""


class Announcer(Protocol):
    """Sender of recorded events to people, which does not delay their recording."""

    def announce(self, event: EventModel) -> None:
        """Tell of an event that belongs to no run."""

    def make_delivery(self, project_id: str, chip_id: str, execution_id: str) -> EventDelivery:
        """Return the delivery of the events of a project, or of a chip or an execution unless these ids are empty."""

    def finish(self) -> None:
        """Wait for what was announced, within a time limit."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Deliveries of the events of a run by all announcers. Also a context manager, for code that ends a run from outside."""

    deliveries: Sequence[EventDelivery]

    def begin(self, *, since: int | None = None, also: Collection[str] = ()) -> None:
        """Begin each of them."""
        _call_each(self.deliveries, lambda one: one.begin(since=since, also=also))

    def end(self) -> None:
        """End each of them."""
        _call_each(self.deliveries, lambda one: one.end())

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class Announcers:
    """Announcers of all features that are not blocked.

    One that fails costs a line of the log, and takes nothing from the others.
    """

    def __init__(self, registry: Registry, runtime: Any) -> None:
        places = (place for _, place in registry.list_named("announcers"))
        self._announcers: list[Announcer] = _call_each(places, lambda place: resolve_name(place)(runtime))

    def announce(self, event: EventModel) -> None:
        """Tell people of an event that belongs to no run."""
        _call_each(self._announcers, lambda one: one.announce(event))

    def make_delivery(self, project_id: str, chip_id: str = "", execution_id: str = "") -> Deliveries:
        """Return the deliveries of the events of a project, one of its chips, or one execution."""
        made = _call_each(self._announcers, lambda one: one.make_delivery(project_id, chip_id, execution_id))
        return Deliveries(made)

    def finish(self) -> None:
        """Wait for what was announced."""
        _call_each(self._announcers, lambda one: one.finish())


def _call_each(called: Iterable[T], call: Callable[[T], R]) -> list[R]:
    """Return what the calls return that raise nothing."""
    returned = []
    for one in called:
        try:
            returned.append(call(one))
        except Exception as error:  # noqa: BLE001  code of a plugin; the run goes on
            logger.warning("%s cannot tell people of events: %s", one, error)
    return returned
