"""Digests of timetables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.timetables.calendar import get_zone
from qdash_core.values.point_in_time import PointInTime, find_last_evening

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.digests.delivery import DigestDelivery
    from qdash_core.models.access import Access
    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.timetable import MomentOutcome, TimetableModel
    from qdash_core.timetables.threads import OccurrenceThreads


class TimetableDigests:
    """Digests of the timetables of one store.

    Parameters
    ----------
    threads : OccurrenceThreads
        Threads of the deliveries.
    delivery : DigestDelivery
        Delivery of digests.
    """

    def __init__(self, threads: OccurrenceThreads, delivery: DigestDelivery) -> None:
        self._threads, self._delivery = threads, delivery

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

        The parameters and errors are those of `OccurrenceThreads.begin`.

        Raises
        ------
        InvalidInputError
            If this machine does not know the time zone. Nothing is sent then.
        """
        assert timetable.digest is not None
        since = resolve_start(timetable.digest, get_zone(timetable.timezone), now=at)
        send = partial(self._send, access, timetable, since)
        return self._threads.begin(timetable, "sending", send, at=at, now=now, real=real, missed=missed)

    def _send(
        self, access: Access, timetable: TimetableModel, since: str, began: MomentOutcome
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
