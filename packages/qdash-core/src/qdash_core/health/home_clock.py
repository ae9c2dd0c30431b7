"""Clock of a home: its creation, and the checks that it is intact and fits store and runner."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qdash_core.access.enrolment import find_default_project
from qdash_core.clock import CLOCK_FILE, SimulatedClock, read_simulated_clock
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.hooks.runners import PoolRunner
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.models.times import format_time
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.hooks.runners import Runner
    from qdash_core.models.project import ProjectModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

_OUT_OF_ORDER = 10
"""Number of newest events among which the one with the newest time is: they are numbered in the order of their commits."""


def create_simulated_clock(
    settings: Settings, start: datetime, store: Store, default: ProjectModel | None
) -> None:
    """Create the simulated clock of a new home, or a lost or damaged one again.

    Raises
    ------
    InvalidInputError
        If the home exists, and no such clock is missing, or something was recorded after that time.
    StoreUnavailableError
        If the clock cannot be written.
    """
    path = settings.home / CLOCK_FILE
    if default is not None:
        if not default.simulated_clock or SimulatedClock.is_intact(path):
            raise InvalidInputError(
                f"home {settings.home} exists, and a home keeps its clock: let QDASH_HOME name a new folder"
            )
        if start < (newest := _find_newest_time(store, default)):
            times = [format_time(one, _get_zone(settings, default)) for one in (newest, start)]
            raise InvalidInputError(
                f"home {settings.home} has records until {times[0]}, so its clock cannot start at {times[1]}: give a time after {times[0]}"
            )
    SimulatedClock.create(path, start)


def catch_up(clock: SimulatedClock, store: Store, default: ProjectModel) -> None:
    """Advance a clock that is behind what was recorded, as it is if the machine lost its power before the file was on its disk."""
    if clock.now() <= (newest := _find_newest_time(store, default)):
        clock.advance_to(newest)


def _find_newest_time(store: Store, default: ProjectModel) -> datetime:
    """Return the newest recorded time: each change records an event."""
    events = Repositories(store).of(EventRepository)
    newest = events.list_after(events.get_last_seq() - _OUT_OF_ORDER)
    return max([default.created_at, *(one.created_at for one in newest)])


def refuse_pool_runner(runner: Runner) -> None:
    """Raise InvalidInputError if a runner of a home with a simulated clock follows a service, which has the time of the machine."""
    if isinstance(runner, PoolRunner):
        raise InvalidInputError(
            f"runner {runner.name} starts runs by the real time of its service, and this home has a simulated clock: unset QDASH_RUNNER"
        )


def check_clock(settings: Settings, store: Store | None) -> str:
    """Check that the clock of a home is intact, and that it is of the kind of its store, if that can be opened."""
    shown = read_simulated_clock(settings.home)
    path = settings.home / CLOCK_FILE
    if shown is not None and os.access(settings.home, os.W_OK) and not os.access(path, os.W_OK):
        raise StoreError(
            f"the simulated clock {path} is not writable, so nothing can be measured: chmod u+rw {path}"
        )
    default = None if store is None else find_default_project(store)
    if default is not None:
        refuse_other_clock(settings, simulated=shown is not None, expected=default.simulated_clock)
    return (
        "that of the machine"
        if shown is None
        else describe_simulated_time(shown, _get_zone(settings, default))
    )


def _get_zone(settings: Settings, default: ProjectModel | None) -> ZoneInfo:
    """Return the time zone of a home, which is that of the machine that created it unless the settings say another."""
    return ZoneInfo(settings.timezone or (default and default.time_zone) or "UTC")


def refuse_other_clock(settings: Settings, *, simulated: bool, expected: bool) -> None:
    """Raise StoreError unless the clock of a home is simulated exactly if that of its store is."""
    if simulated is expected:
        return
    store = redact_password(settings.store_url)
    if expected:
        raise StoreError(
            f"the store {store} belongs to a home with a simulated clock, and {settings.home} has none: let QDASH_HOME name the home of the "
            "store. If its clock is lost, restore a backup (qdash store restore BACKUP --force), or set the clock with "
            "qdash init --simulated-clock TIME"
        )
    raise StoreError(
        f"home {settings.home} has a simulated clock, and the store {store} belongs to a home with the clock of the machine: "
        "let QDASH_STORE_URL name the store of this home"
    )
