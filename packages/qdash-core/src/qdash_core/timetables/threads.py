"""Threads for the digests and the removals of old data of timetables."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from qdash_core.models.timetable import MomentOutcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Literal

    from qdash_core.models.timetable import TimetableModel
    from qdash_core.timetables.starts import TimetableStarts

logger = logging.getLogger(__name__)


class OccurrenceThreads:
    """Threads that perform occurrences of timetables of one store.

    Each occurrence has a thread, so that nothing delays the start of runs. It is recorded as handled before its thread starts, and its
    outcome when it has ended: with any number of processes it is performed at most once.

    Parameters
    ----------
    starts : TimetableStarts
        Records of the outcomes.
    """

    def __init__(self, starts: TimetableStarts) -> None:
        self._starts = starts
        self._threads: list[threading.Thread] = []

    def begin(
        self,
        timetable: TimetableModel,
        became: Literal["sending", "pruning"],
        perform: Callable[[MomentOutcome], MomentOutcome],
        *,
        at: datetime,
        now: datetime,
        real: datetime,
        missed: str,
    ) -> MomentOutcome:
        """Record that an occurrence is being performed, and start to perform it.

        Parameters
        ----------
        became : {"sending", "pruning"}
            The outcome until it has ended.
        perform : callable
            Performs it, given this outcome, and returns the final one.
        at, now, real : datetime
            The occurrence, the current time, and that of the machine.
        missed : str
            Description of the missed occurrences, or empty if there are none.

        Raises
        ------
        AlreadyHandledError
            If another process was first. Nothing is performed then.
        """
        began = MomentOutcome(at=at, became=became, why=missed)
        self._starts.write_without_run(timetable, now, began, missed=missed, sending_since=real)
        thread = threading.Thread(
            target=self._perform_safely,
            args=(timetable, began, perform),
            name=f"qdash-{became}-{timetable.name}",
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()
        return began

    def wait(self, seconds: float) -> None:
        """Wait for the occurrences that are being performed, at most the given time in total."""
        deadline = time.monotonic() + seconds
        for thread in [*self._threads]:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _perform_safely(
        self,
        timetable: TimetableModel,
        began: MomentOutcome,
        perform: Callable[[MomentOutcome], MomentOutcome],
    ) -> None:
        """Perform an occurrence and record the outcome. Errors are contained here."""
        try:
            ended = perform(began)
        except BaseException as error:  # noqa: BLE001  a plugin's code, in a thread that nobody interrupts
            why = str(error) or type(error).__name__
            ended = began.model_copy(update={"became": "failed", "why": why})
        try:
            self._starts.record_end(timetable, began, ended)
        except Exception:  # recorded as lost later
            logger.exception(
                "timetable %s: the outcome of its occurrence cannot be recorded: %s %s",
                timetable.name,
                ended.became,
                ended.why,
            )
        self._threads.remove(threading.current_thread())
