"""Removals of old data by timetables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.timetable import MomentOutcome, TimetableModel
    from qdash_core.pruning.pruner import Pruner
    from qdash_core.timetables.threads import OccurrenceThreads


class TimetableRemovals:
    """Removals of old data of the projects of one store.

    Parameters
    ----------
    threads : OccurrenceThreads
        Threads of the removals.
    get_pruner : callable
        Returns the service that removes old data.
    """

    def __init__(self, threads: OccurrenceThreads, get_pruner: Callable[[], Pruner]) -> None:
        self._threads, self._get_pruner = threads, get_pruner

    def begin(
        self, timetable: TimetableModel, *, at: datetime, now: datetime, real: datetime, missed: str
    ) -> MomentOutcome:
        """Record that old data are being removed, and start to remove them; the parameters and errors are those of `OccurrenceThreads.begin`."""
        remove = partial(self._remove, timetable)
        return self._threads.begin(timetable, "pruning", remove, at=at, now=now, real=real, missed=missed)

    def _remove(self, timetable: TimetableModel, began: MomentOutcome) -> MomentOutcome:
        assert timetable.keep is not None
        outcome = self._get_pruner().prune(timetable.keep, project_id=timetable.project_id)
        why = "; ".join(filter(None, (began.why, str(outcome), *outcome.failures[:1])))
        became = "failed" if outcome.failures else "pruned"
        return began.model_copy(update={"became": became, "why": why})
