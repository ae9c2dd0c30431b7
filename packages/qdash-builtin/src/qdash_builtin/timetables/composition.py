"""Services of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.runs.feature import RUNS

if TYPE_CHECKING:
    from qdash_builtin.timetables.clock import TimetableClock
    from qdash_builtin.timetables.service import TimetableService
    from qdash_builtin.timetables.simulated_time import SimulatedTimeService
    from qdash_core.runtime.application import QDash


def open_timetable_clock(qdash: QDash) -> TimetableClock:
    """Open the clock that performs the timetables that are due."""
    from qdash_builtin.timetables.clock import TimetableClock

    return TimetableClock(
        qdash,
        qdash.get(RUNS).submissions,
        digests=qdash.get(DIGEST_DELIVERY),
        get_pruner=lambda: qdash.get(PRUNER),
    )


def open_simulated_time(qdash: QDash) -> SimulatedTimeService:
    """Open the service that lets time pass in a home with a simulated clock."""
    from qdash_builtin.timetables.simulated_time import SimulatedTimeService

    return SimulatedTimeService(qdash, qdash.get(RUNS).queue)


def open_timetables(qdash: QDash) -> TimetableService:
    """Open the service for timetables."""
    from qdash_builtin.timetables.service import TimetableService

    return TimetableService(qdash, qdash.get(RUNS).submissions)
