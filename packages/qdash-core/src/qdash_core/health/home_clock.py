"""Clock of a home: its creation, and the checks that it is intact and fits store and runner."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qdash_core.clock import CLOCK_FILE, SimulatedClock, read_simulated_clock
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.hooks.runners import PoolRunner
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.projects.projects import ProjectService
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.hooks.runners import Runner
    from qdash_core.models.project import ProjectModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings


def create_simulated_clock(settings: Settings, start: datetime, default: ProjectModel | None) -> None:
    """Create the simulated clock of a new home, or a lost or damaged one again.

    Raises
    ------
    InvalidInputError
        If the home exists, and no such clock is missing.
    """
    path = settings.home / CLOCK_FILE
    if default is not None and default.simulated_clock and not SimulatedClock.is_intact(path):
        path.unlink(missing_ok=True)
    elif default is not None:
        raise InvalidInputError(
            f"home {settings.home} exists, and a home keeps its clock: let QDASH_HOME name a new folder"
        )
    SimulatedClock.create(path, start)


def refuse_pool_runner(runner: Runner) -> None:
    """Raise InvalidInputError if a runner of a home with a simulated clock follows a service, which has the time of the machine."""
    if isinstance(runner, PoolRunner):
        raise InvalidInputError(
            f"runner {runner.name} starts runs by the real time of its service, and this home has a simulated clock: unset QDASH_RUNNER"
        )


def check_clock(settings: Settings, store: Store | None) -> str:
    """Check that the clock of a home is intact, and that it is of the kind of its store, if that can be opened."""
    shown = read_simulated_clock(settings.home)
    default = None if store is None else ProjectService(store).get_default()
    if default is not None:
        refuse_other_clock(settings, simulated=shown is not None, expected=default.simulated_clock)
    zone = ZoneInfo(settings.timezone or "UTC")
    return "that of the machine" if shown is None else describe_simulated_time(shown, zone)


def refuse_other_clock(settings: Settings, *, simulated: bool, expected: bool) -> None:
    """Raise StoreError unless the clock of a home is simulated exactly if that of its store is."""
    if simulated is expected:
        return
    store = redact_password(settings.store_url)
    if expected:
        raise StoreError(
            f"the store {store} belongs to a home with a simulated clock, and {settings.home} has none: restore the file "
            f"{CLOCK_FILE} from a backup, set the clock with qdash init --simulated-clock TIME, or let QDASH_HOME name the home of the store"
        )
    raise StoreError(
        f"home {settings.home} has a simulated clock, and the store {store} belongs to a home with the clock of the machine: "
        "let QDASH_STORE_URL name the store of this home"
    )
