"""Threads that perform the activities of timetables other than runs."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from qdash_builtin.timetables.activity import Occurrence
from qdash_builtin.timetables.models.timetable import MomentOutcome
from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.timetables.activity import ActivityServices, ThreadedActivity
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_builtin.timetables.starts import TimetableStarts
    from qdash_core.models.access import Access

logger = logging.getLogger(__name__)

ALIVE_EVERY_S = 30.0
"""Time between two records that the process which performs an occurrence lives, in seconds."""


class OccurrenceThreads:
    """Threads that perform occurrences of timetables of one store.

    Each occurrence has a thread, so that nothing delays the start of runs. It is recorded as handled before its thread
    starts, and its outcome when it has ended: with any number of processes it is performed at most once. A process
    counts as ended by `machine_clock`.
    """

    def __init__(
        self, starts: TimetableStarts, services: ActivityServices, machine_clock: Callable[[], datetime]
    ) -> None:
        self._starts, self._services, self._machine_clock = starts, services, machine_clock
        self._threads: list[threading.Thread] = []

    def begin(
        self,
        activity: ThreadedActivity[Any],
        access: Access,
        timetable: TimetableModel,
        *,
        at: datetime,
        now: datetime,
        missed: str,
    ) -> MomentOutcome:
        """Record that the occurrence at a time is being performed, and start to perform it.

        `missed` describes the missed occurrences, or is empty.

        Raises
        ------
        AlreadyHandledError
            If another process was first. Nothing is performed then.
        """
        began = MomentOutcome(at=at, became=activity.busy, why=missed)
        real = self._machine_clock()
        self._starts.write_without_run(timetable, now, began, missed=missed, sending_since=real)
        ended = threading.Event()
        name = f"qdash-{activity.noun}-{timetable.name}"
        thread = threading.Thread(
            target=self._perform_safely,
            args=(activity, Occurrence(access, timetable, at, now), began, ended),
            name=name,
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()
        # In a thread of its own: the other one may be inside a long transaction.
        alive = (timetable, began, ended)
        threading.Thread(target=self._record_alive, args=alive, name=f"{name}-alive", daemon=True).start()
        return began

    def wait(self, seconds: float) -> None:
        """Wait for the occurrences that are being performed, at most the given time in total."""
        deadline = time.monotonic() + seconds
        for thread in [*self._threads]:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _record_alive(self, timetable: TimetableModel, began: MomentOutcome, ended: threading.Event) -> None:
        """Record that this process lives, until the occurrence has ended."""
        while not ended.wait(ALIVE_EVERY_S):
            try:
                self._starts.record_alive(timetable, began, self._machine_clock())
            except QDashError as error:
                logger.warning("timetable %s: its process cannot be recorded: %s", timetable.name, error)

    def _perform_safely(
        self,
        activity: ThreadedActivity[Any],
        occurrence: Occurrence,
        began: MomentOutcome,
        has_ended: threading.Event,
    ) -> None:
        """Perform an occurrence and record the outcome. Errors are contained here."""
        try:
            result = activity.perform(self._services, occurrence)
            became = activity.done if result.succeeded else "failed"
            why = "; ".join(filter(None, (began.why, result.why)))
        except BaseException as error:  # noqa: BLE001  a plugin's code, in a thread that nobody interrupts
            became, why = "failed", str(error) or type(error).__name__
        has_ended.set()
        ended = began.model_copy(update={"became": became, "why": why})
        try:
            self._starts.record_end(occurrence.timetable, began, ended)
        except Exception:  # recorded as lost later
            logger.exception(
                "timetable %s: the outcome of its %s cannot be recorded: %s %s",
                occurrence.timetable.name,
                activity.noun,
                ended.became,
                ended.why,
            )
        self._threads.remove(threading.current_thread())
