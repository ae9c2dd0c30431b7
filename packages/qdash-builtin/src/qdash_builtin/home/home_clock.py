"""Check of the clock of a home."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from qdash_core.access.enrolment import find_default_project
from qdash_core.errors import StoreError
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.process.clock import CLOCK_FILE, read_simulated_clock
from qdash_core.runtime.home_opening import get_zone, refuse_other_clock

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings


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
        else describe_simulated_time(shown, get_zone(settings, default))
    )
