"""Service for timetables, as users create, read and change them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.chips.chip import read_chip
from qdash_core.clock import utc_now
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.models.timetable import MomentOutcome, TimetableModel, check_one_activity
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.request_validation import refuse_file, validate_request
from qdash_core.timetables.calendar import get_zone, list_next_starts, restart_from
from qdash_core.timetables.digests import resolve_start
from qdash_core.timetables.events import log_change
from qdash_core.timetables.starts import TimetableStarts
from qdash_core.values.point_in_time import PointInTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.keep_request import KeepRequest
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.request import RunRequest
    from qdash_core.models.timetable import Missed, When
    from qdash_core.runs.submission import Submission, SubmissionService
    from qdash_core.runtime import Runtime

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OF_MOMENTS = frozenset({"when", "timezone", "paused", "until"})
"""Fields that determine the occurrences. After a change, earlier occurrences do not count."""
_OF_RUNS = frozenset({"request", "digest", "keep", "when", "timezone"})
"""Fields that determine the run, digest or removal and its time. The timetable acts as the user who last changed them."""
_OF_DIGESTS = frozenset({"digest", "timezone"})
"""Fields that determine the start of a digest."""
_EDITABLE = _OF_MOMENTS | {"request", "digest", "keep", "missed", "begin_within_s"}


@dataclass(frozen=True, slots=True)
class TimetableView:
    """Timetable with its next starts.

    Parameters
    ----------
    timetable : TimetableModel
        The stored timetable.
    next_starts : list of datetime
        The next three starts in UTC; fewer if there are no more, none while it is paused.
    """

    timetable: TimetableModel
    next_starts: list[datetime]


class TimetableService:
    """Timetables of one store.

    Parameters
    ----------
    runtime : Runtime
        Open.
    submissions : SubmissionService
        Of this store.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self, runtime: Runtime, submissions: SubmissionService, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._runtime, self._clock = runtime, clock
        self._starts = TimetableStarts(runtime, submissions)

    def add(
        self,
        access: Access,
        name: str,
        request: RunRequest | None,
        when: When,
        *,
        digest: DigestRequest | None = None,
        keep: KeepRequest | None = None,
        timezone: str | None = None,
        paused: bool = False,
        missed: Missed = "skip",
        until: datetime | None = None,
        begin_within_s: float | None = None,
        trusted_files: bool = True,
    ) -> TimetableView:
        """Create a timetable. Its run or digest is checked as if it were requested now.

        Parameters
        ----------
        access : Access
            User and project; AccessDeniedError if the request names others.
        name : str
            Up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
        request : RunRequest or None
            The run, or None. Each start takes the newest version of a saved flow unless one is given.
        when : Cron, Interval or Moment
            When.
        digest : DigestRequest or None
            The digest to send, or None.
        keep : KeepRequest or None
            The ages from which data of the project are removed, or None. Only an owner of the project may do that.
        timezone : str or None
            Name of the zone of a cron expression and of the start of a digest; None: the zone of the home.
        paused, missed, until, begin_within_s
            As in `TimetableModel`.
        trusted_files : bool
            Whether the request may name a file of this machine; a request over a network may not.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something cannot be. Nothing has been written then.
        ConflictError
            If the name is taken.
        """
        access.require(ProjectRole.EDITOR if keep is None else ProjectRole.OWNER)
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"timetable name {name!r}: up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
        check_one_activity(request, digest, keep)
        now = self._clock()
        made = TimetableModel(
            project_id=access.project_id,
            name=name,
            username=access.username,
            request=self._validate_request(access, request, trusted_files=trusted_files),
            digest=digest,
            keep=keep,
            when=when,
            timezone=timezone or self._runtime.zone.key,
            considered_until=now,
            created_at=now,
            updated_at=now,
        )
        _validate_digest(self._runtime.repositories, made, now)
        fields = {"paused": paused, "missed": missed, "until": until, "begin_within_s": begin_within_s}
        made = restart_from(made.with_validated_changes(fields, _EDITABLE, now=now), now)
        view = _view(made, now)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.timetables.find(access.project_id, name) is not None:
                raise ConflictError(f"timetable {name!r} exists already in project {access.project_id}")
            repositories.timetables.add(made)
            log_change(repositories, made, "created", username=access.username)
        return view

    def edit(
        self,
        access: Access,
        name: str,
        *,
        as_of: datetime | None = None,
        trusted_files: bool = True,
        **fields: Any,
    ) -> TimetableView:
        """Change the given fields of a timetable.

        After a change of request, digest, keep, when or timezone it acts as the user who made the change. Occurrences while
        it was paused, or of the former `when`, do not count as missed.

        Parameters
        ----------
        as_of : datetime or None
            `updated_at` of the timetable when it was read, or None to skip the check.
        trusted_files : bool
            See `add`.
        **fields
            As in `TimetableModel`: request, digest or keep, when, timezone, paused, missed, until, begin_within_s.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If there is no such timetable, or something cannot be. Nothing has been written then.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        if "request" in fields:
            fields["request"] = self._validate_request(access, fields["request"], trusted_files=trusted_files)
        now = self._clock()
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = repositories.timetables.require(access.project_id, name)
            refuse_stale(f"timetable {name}", former.updated_at, as_of)
            if former.keep is not None:
                access.require(ProjectRole.OWNER)
            _refuse_other_activity(former, fields)
            made = former.with_validated_changes(fields, _EDITABLE, now=now)
            if fields.keys() & _OF_DIGESTS:
                _validate_digest(repositories, made, now)
            if fields.keys() & _OF_RUNS:
                made = made.model_copy(update={"username": access.username})
            if fields.keys() & _OF_MOMENTS:
                made = restart_from(made, now)
            view = _view(made, now)
            repositories.timetables.put(made)
            log_change(repositories, made, "changed", username=access.username)
        return view

    def pause(self, access: Access, name: str, *, as_of: datetime | None = None) -> TimetableView:
        """Pause a timetable until it is resumed; raise as `edit`."""
        return self.edit(access, name, as_of=as_of, paused=True)

    def resume(self, access: Access, name: str, *, as_of: datetime | None = None) -> TimetableView:
        """Resume a paused timetable with its next occurrence; raise as `edit`."""
        return self.edit(access, name, as_of=as_of, paused=False)

    def remove(self, access: Access, name: str, *, as_of: datetime | None = None) -> TimetableModel:
        """Remove and return a timetable. Runs that it has started continue. Raise as `edit`."""
        access.require(ProjectRole.EDITOR)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.timetables.require(access.project_id, name)
            refuse_stale(f"timetable {name}", found.updated_at, as_of)
            repositories.timetables.remove(found)
            log_change(repositories, found, "deleted", username=access.username)
        return found

    def start_now(self, access: Access, name: str) -> Submission:
        """Start the run of a timetable now, by hand, whether or not it is paused.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If there is no such timetable, it starts no runs, or its run is refused.
        ConflictError
            If its last run has not ended, or another process was first.
        """
        access.require(ProjectRole.EDITOR)
        timetable = self._runtime.repositories.timetables.require(access.project_id, name)
        if timetable.keep is not None:
            raise InvalidInputError(
                f"timetable {name!r} starts no runs: remove old data now with `qdash store prune --older-than 90d`"
            )
        if timetable.digest is not None:
            raise InvalidInputError(
                f"timetable {name!r} starts no runs: send its digest now with `qdash digest {timetable.chip_id} --send`"
            )
        if why := self._starts.find_obstacle(timetable, self._clock()):
            raise ConflictError(f"timetable {name!r} cannot be started now: {why}")
        outcome = MomentOutcome(at=self._clock(), became="started", why=f"by {access.username}, by hand")
        return self._starts.submit(access, timetable, outcome, considered_until=timetable.considered_until)

    def list_by_project(self, access: Access) -> list[TimetableView]:
        """Return the timetables of a project, by name."""
        now = self._clock()
        found = self._runtime.repositories.timetables.list_by_project(access.project_id)
        return [_view(one, now) for one in found]

    def page(self, access: Access, request: PageRequest) -> Page[TimetableView]:
        """Return a page of the timetables of a project, by name."""
        now = self._clock()
        page = self._runtime.repositories.timetables.page(access.project_id, request)
        return Page([_view(one, now) for one in page.items], page.next)

    def show(self, access: Access, name: str) -> TimetableView:
        """Return a timetable; NotFoundError when there is none."""
        return _view(self._runtime.repositories.timetables.require(access.project_id, name), self._clock())

    def _validate_request(
        self, access: Access, request: RunRequest | None, *, trusted_files: bool
    ) -> RunRequest | None:
        """Return a request in its stored form, without user and project, validated as for a submission; None without one."""
        if request is None:
            return None
        if request.since is not None:
            raise InvalidInputError(
                "a timetable starts its run anew: what failed in an execution is run again by `qdash calibrate --only failed`"
            )
        if not trusted_files:
            refuse_file(request)
        validate_request(self._runtime, access.project_id, request.with_access(access), later=True)
        return request.model_copy(update={"username": "", "project_id": None})


_ACTIVITIES = {"request": "starts runs", "digest": "sends digests", "keep": "removes old data"}
"""Fields of activities, with what a timetable does that has them."""


def _refuse_other_activity(timetable: TimetableModel, fields: Mapping[str, Any]) -> None:
    """Raise InvalidInputError if the field of another activity is set than that of the timetable."""
    ((name, does),) = (
        (one, does) for one, does in _ACTIVITIES.items() if getattr(timetable, one) is not None
    )
    for other in _ACTIVITIES:
        if other != name and fields.get(other) is not None:
            raise InvalidInputError(
                f"timetable {timetable.name!r} {does} and cannot be given a {other}: add another timetable"
            )


def _validate_digest(repositories: Repositories, timetable: TimetableModel, now: datetime) -> None:
    """Check chip and start of a digest as if it were made now; raise as `DigestService.make`."""
    if timetable.digest is None:
        return
    where = (
        timetable.project_id,
        read_chip(repositories, timetable.project_id, timetable.chip_id).header.chip_id,
    )
    zone = get_zone(timetable.timezone)
    point = PointInTime.parse(resolve_start(timetable.digest, zone, now=now), zone, now=now)
    if point.find_release(repositories, *where) is None:
        point.find_moment(repositories, *where)


def _view(timetable: TimetableModel, now: datetime) -> TimetableView:
    try:
        starts = list_next_starts(timetable, after=now)
    except InvalidInputError:  # this machine does not know its zone; still show the others
        starts = []
    return TimetableView(timetable, starts)
