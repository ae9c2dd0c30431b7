"""Creation of the simulated clock of a new home, and the check that a home and its store have the same kind of clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.clock import CLOCK_FILE, SimulatedClock
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.clock import Clock
    from qdash_core.settings import Settings


def create_simulated_clock(settings: Settings, start: datetime, *, exists: bool) -> None:
    """Create the simulated clock of a new home; raise InvalidInputError if its store exists already."""
    if exists:
        raise InvalidInputError(
            f"home {settings.home} exists, and a home keeps its clock: let QDASH_HOME name a new folder"
        )
    SimulatedClock.create(settings.home / CLOCK_FILE, start)


def refuse_other_clock(settings: Settings, clock: Clock, *, simulated: bool) -> None:
    """Raise StoreError unless the clock of a home is simulated exactly if that of its store is."""
    if clock.simulated is simulated:
        return
    store = redact_password(settings.store_url)
    if simulated:
        raise StoreError(
            f"the store {store} belongs to a home with a simulated clock, and {settings.home} has none: restore the file "
            f"{CLOCK_FILE} from a backup, or let QDASH_HOME name the home of the store"
        )
    raise StoreError(
        f"home {settings.home} has a simulated clock, and the store {store} belongs to a home with the clock of the machine: "
        "let QDASH_STORE_URL name the store of this home"
    )
