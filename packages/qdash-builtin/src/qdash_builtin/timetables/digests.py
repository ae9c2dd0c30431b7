"""Digests of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qdash_builtin.timetables.activity import ActivityResult, ThreadedActivity
from qdash_builtin.timetables.calendar import get_zone
from qdash_builtin.timetables.models.digest_request import DigestRequest

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.timetables.activity import ActivityServices, Occurrence, Planning


class DigestActivity(ThreadedActivity[DigestRequest]):
    """Digest of a chip, sent by the notifiers; it starts where its occurrence says, however late."""

    field = "digest"
    request_type = DigestRequest
    noun = "digest"
    does = "sends digests"
    busy = "sending"
    done = "sent"
    lost = "the process that was sending the digest ended before it was delivered; it is not sent again"
    needs_notifier = True
    selected_by = "digest"
    required = ("chip_id",)
    options: ClassVar = {"chip_id": "chip_id", "digest": None, "since": "since"}

    def __str__(self) -> str:
        """Return the activity in words."""
        return f"digest of {self.request.chip_id} since {self.request.since or '18:00 the day before'}"

    @property
    def by_hand(self) -> str:
        """Advice that names the command which sends it now."""
        return f"send its digest now with `qdash digest {self.request.chip_id} --send`"

    def validate(self, planning: Planning) -> DigestRequest:
        """Return the request; raise as `DigestService.make`."""
        from qdash_builtin.values.point_in_time import PointInTime
        from qdash_core.chips.chip import read_chip

        repositories, project_id = planning.runtime.repositories, planning.access.project_id
        chip_id = read_chip(repositories, project_id, self.request.chip_id).header.chip_id
        zone, now = get_zone(planning.timezone), planning.now
        point = PointInTime.parse(resolve_start(self.request, zone, now=now), zone, now=now)
        if point.find_release(repositories, project_id, chip_id) is None:
            point.find_moment(repositories, project_id, chip_id)
        return self.request

    def perform(self, services: ActivityServices, occurrence: Occurrence) -> ActivityResult:
        """Send the digest."""
        zone = get_zone(occurrence.timetable.timezone)
        since = resolve_start(self.request, zone, now=occurrence.at)
        sent = services.digests.send(occurrence.access, self.request.chip_id, since)
        return ActivityResult(bool(sent.delivered), sent.describe_errors())


def resolve_start(request: DigestRequest, zone: ZoneInfo, *, now: datetime) -> str:
    """Return the start of a digest as a point in time that does not depend on the current time; times are cut to the minute.

    `zone` is that of a time that names none.

    Raises
    ------
    InvalidInputError
        If it is not a point in time, or in the future.
    """
    from qdash_builtin.values.point_in_time import PointInTime
    from qdash_core.models.nights import find_last_evening

    if request.since is None:
        moment = find_last_evening(zone, now=now)
    else:
        point = PointInTime.parse(request.since, zone, now=now)
        if point.moment is None:
            return point.text
        moment = point.moment
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")
