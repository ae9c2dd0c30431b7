"""Checks when a home is opened: its clock is intact and fits store and runner, and store and raw data belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qdash_core.artifacts.storage_features import list_missing_features
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.hooks.runners import PoolRunner
from qdash_core.models.attachment import ATTACHMENTS
from qdash_core.models.times import format_time
from qdash_core.parsing.urls import redact_password
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.runners import Runner
    from qdash_core.models.project import ProjectModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

_OUT_OF_ORDER = 10
"""Number of newest events among which the one with the newest time is: they are numbered in the order of their commits."""


def is_empty(store: Store) -> bool:
    """Return whether a store has no project; every home begins with one."""
    with store.read() as snapshot:
        return snapshot.count("project", {}) == 0


def holds_raw_data(artifacts: CalibDataSaver, *, of_results: bool = False) -> bool:
    """Return whether a storage holds files, or those of results, or False if it cannot list them."""
    if "paths" in list_missing_features(artifacts):
        return False
    return any(not (of_results and path.startswith(ATTACHMENTS)) for path in artifacts.paths())


def refuse_foreign_raw_data(
    settings: Settings, artifacts: CalibDataSaver, store_is_empty: Callable[[], bool]
) -> None:
    """Raise StoreError for an empty store beside raw data, whose record is lost or elsewhere; the message tells what to do."""
    # Checked twice: another process may have created the store, and measured, in between.
    if store_is_empty() and holds_raw_data(artifacts) and store_is_empty():
        raise StoreError(
            f"the store {redact_password(settings.store_url)} is empty, and {redact_password(settings.artifacts_url)} holds raw data: "
            "restore a backup (qdash store restore BACKUP), let QDASH_STORE_URL name the store that belongs to them, or "
            "begin anew beside them with qdash init --new"
        )


def refuse_incomplete_store(store: Store, url: str) -> None:
    """Raise StoreError if a store has chips or executions but no project, after an interrupted restore."""
    if not is_empty(store):
        return
    with store.read() as snapshot:
        partial = any(snapshot.count(name, {}) for name in ("chip", "execution_history"))
    if partial and is_empty(store):
        raise StoreError(
            f"the store {redact_password(url)} holds a part of a backup: its restore was interrupted. The same qdash store restore "
            "goes on from there"
        )


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
            times = [format_time(one, get_zone(settings, default)) for one in (newest, start)]
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
    from qdash_core.repositories.executions import EventRepository

    events = Repositories(store).of(EventRepository)
    newest = events.list_after(events.get_last_seq() - _OUT_OF_ORDER)
    return max([default.created_at, *(one.created_at for one in newest)])


def refuse_pool_runner(runner: Runner) -> None:
    """Raise InvalidInputError if a runner of a home with a simulated clock follows a service, which has the time of the machine."""
    if isinstance(runner, PoolRunner):
        raise InvalidInputError(
            f"runner {runner.name} starts runs by the real time of its service, and this home has a simulated clock: unset QDASH_RUNNER"
        )


def get_zone(settings: Settings, default: ProjectModel | None) -> ZoneInfo:
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
