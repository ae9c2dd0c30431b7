"""Digests of timetables, sent in threads of their own."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from qdash_core.models.timetable import MomentOutcome
from qdash_core.timetables.calendar import get_zone
from qdash_core.values.point_in_time import PointInTime, find_last_evening

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.digests.delivery import DigestDelivery
    from qdash_core.models.access import Access
    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.timetable import TimetableModel
    from qdash_core.timetables.starts import TimetableStarts

logger = logging.getLogger(__name__)


class TimetableDigests:
    """Digests of the timetables of one store.

    Each digest has a thread, so that neither a large chip nor a slow notifier delays the start of runs. The occurrence is recorded as
    handled before the digest is made, and its outcome after the delivery: with any number of processes a digest is sent at most once.

    Parameters
    ----------
    starts : TimetableStarts
        Records of the outcomes.
    delivery : DigestDelivery
        Delivery of digests.
    """

    def __init__(self, starts: TimetableStarts, delivery: DigestDelivery) -> None:
        self._starts, self._delivery = starts, delivery
        self._threads: list[threading.Thread] = []

    def begin(
        self,
        access: Access,
        timetable: TimetableModel,
        *,
        at: datetime,
        now: datetime,
        real: datetime,
        missed: str,
    ) -> MomentOutcome:
        """Record that the digest of an occurrence is being sent, and start to send it; it starts where the occurrence says, however late.

        Parameters
        ----------
        at, now, real : datetime
            The occurrence, the current time, and that of the machine.
        missed : str
            Description of the missed occurrences, or empty if there are none.

        Raises
        ------
        AlreadyHandledError
            If another process was first. Nothing is sent then.
        InvalidInputError
            If this machine does not know the time zone.
        """
        assert timetable.digest is not None
        since = resolve_start(timetable.digest, get_zone(timetable.timezone), now=at)
        began = MomentOutcome(at=at, became="sending", why=missed)
        self._starts.write_without_run(timetable, now, began, missed=missed, sending_since=real)
        thread = threading.Thread(
            target=self._send_safely,
            args=(access, timetable, began, since),
            name=f"qdash-digest-{timetable.name}",
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()
        return began

    def wait(self, seconds: float) -> None:
        """Wait for the digests that are being sent, at most the given time in total."""
        deadline = time.monotonic() + seconds
        for thread in [*self._threads]:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _send_safely(
        self, access: Access, timetable: TimetableModel, began: MomentOutcome, since: str
    ) -> None:
        """Send a digest and record the outcome. Errors are contained here."""
        try:
            ended = self._send(access, timetable, began, since)
        except BaseException as error:  # noqa: BLE001  a plugin's code, in a thread that nobody interrupts
            why = str(error) or type(error).__name__
            ended = began.model_copy(update={"became": "failed", "why": why})
        try:
            self._starts.record_delivery(timetable, began, ended)
        except Exception:  # recorded as lost later
            logger.exception(
                "timetable %s: the outcome of its digest cannot be recorded: %s %s",
                timetable.name,
                ended.became,
                ended.why,
            )
        self._threads.remove(threading.current_thread())

    def _send(
        self, access: Access, timetable: TimetableModel, began: MomentOutcome, since: str
    ) -> MomentOutcome:
        sent = self._delivery.send(access, timetable.chip_id, since)
        became = "sent" if sent.delivered else "failed"
        why = "; ".join(filter(None, (began.why, sent.describe_errors())))
        return began.model_copy(update={"became": became, "why": why})


def resolve_start(request: DigestRequest, zone: ZoneInfo, *, now: datetime) -> str:
    """Return the start of a digest as a point in time that does not depend on the current time; times are cut to the minute.

    Parameters
    ----------
    zone : ZoneInfo
        Time zone of a time that names none.

    Raises
    ------
    InvalidInputError
        If it is not a point in time, or in the future.
    """
    if request.since is None:
        moment = find_last_evening(zone, now=now)
    else:
        point = PointInTime.parse(request.since, zone, now=now)
        if point.moment is None:
            return point.text
        moment = point.moment
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")
