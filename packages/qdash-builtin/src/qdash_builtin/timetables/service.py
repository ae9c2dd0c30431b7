"""Service for timetables, as users create, read and change them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.timetables.activities import get_activity, make_activity
from qdash_builtin.timetables.activity import Planning
from qdash_builtin.timetables.after_cooldowns import describe_wait, follow_present_cooldown
from qdash_builtin.timetables.calendar import list_next_starts, restart_from
from qdash_builtin.timetables.events import log_change
from qdash_builtin.timetables.models.timetable import (
    ActivityFields,
    AfterCooldown,
    MomentOutcome,
    TimetableModel,
)
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_builtin.timetables.starts import TimetableStarts
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from qdash_builtin.runs.submission import Submission, SubmissionService
    from qdash_builtin.timetables.models.timetable import ActivityRequest, Missed, When
    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OF_MOMENTS = frozenset({"when", "timezone", "paused", "until"})
"""Fields that determine the occurrences. After a change, earlier occurrences do not count."""
_OF_STARTS = frozenset({*ActivityFields.model_fields, "when", "timezone"})
"""Fields that determine the activity and its time. The timetable acts as the user who last changed them."""
_EDITABLE = _OF_MOMENTS | _OF_STARTS | {"missed", "begin_within_s"}


@dataclass(frozen=True, slots=True)
class TimetableView:
    """Timetable with its next starts.

    Parameters
    ----------
    next_starts : list of datetime
        The next three starts in UTC; fewer if there are no more, none while it is paused.
    waits_for : str
        What it waits for if its next start is not known, such as `the next cool-down of K-0`; else empty.
    """

    timetable: TimetableModel
    next_starts: list[datetime]
    waits_for: str = ""


class TimetableService:
    """Timetables of one store."""

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
        timezone: str | None = None,
        paused: bool = False,
        missed: Missed = "skip",
        until: datetime | None = None,
        begin_within_s: float | None = None,
        trusted_files: bool = True,
        **others: ActivityRequest | None,
    ) -> TimetableView:
        """Create a timetable. Its activity is checked as if it were performed now.

        Parameters
        ----------
        access : Access
            User and project; AccessDeniedError if the request names others.
        name : str
            Up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
        request : RunRequest or None
            The run, or None for another activity. Each start takes the newest version of a saved flow unless one is given.
        timezone : str or None
            Name of the zone of a cron expression and of the start of a digest; None: the zone of the home.
        paused, missed, until, begin_within_s
            As in `TimetableModel`.
        trusted_files : bool
            Whether the request may name a file or folder of this machine; a request over a network may not.
        **others
            Request of another activity, in its field of `ActivityFields`; some need more rights than a run.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something cannot be. Nothing has been written then.
        ConflictError
            If the name is taken.
        """
        access.require(ProjectRole.EDITOR)
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"timetable name {name!r}: up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
        activity = make_activity({"request": request, **others})
        activity.require_access(access)
        if not trusted_files:
            activity.refuse_files()
        now = self._clock()
        made = TimetableModel(
            project_id=access.project_id,
            name=name,
            username=access.username,
            **{activity.field: activity.request},
            when=when,
            timezone=timezone or self._runtime.zone.key,
            considered_until=now,
            created_at=now,
            updated_at=now,
        )
        fields: dict[str, Any] = {"paused": paused, "missed": missed, "until": until}
        fields["begin_within_s"] = begin_within_s
        fields[activity.field] = activity.validate(
            Planning(self._runtime, access, made.timezone, now, trusted_files)
        )
        made = _validate_trigger(made.with_validated_changes(fields, _EDITABLE, now=now))
        made = restart_from(made, now)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.of(TimetableRepository).find(access.project_id, name) is not None:
                raise ConflictError(f"timetable {name!r} exists already in project {access.project_id}")
            made = follow_present_cooldown(repositories, made, now)
            repositories.of(TimetableRepository).add(made)
            log_change(repositories, made, "created", username=access.username)
            return _view(repositories, made, now)

    def edit(
        self,
        access: Access,
        name: str,
        *,
        as_of: datetime | None = None,
        trusted_files: bool = True,
        **fields: Any,
    ) -> TimetableView:
        """Change the given fields of a timetable, as in `TimetableModel`, its activity included.

        After a change of its activity, `when` or `timezone` it acts as the user who made the change. Occurrences while
        it was paused, or of the former `when`, do not count as missed. `as_of` is its `updated_at` when it was read, or
        None to skip the check; `trusted_files` as for `add`.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If there is no such timetable, or something cannot be. Nothing has been written then.
        StaleError
            If it was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        now = self._clock()
        found = self._runtime.repositories.of(TimetableRepository).require(access.project_id, name)
        activity = get_activity(found)
        activity.require_access(access)
        _refuse_other_activity(found, fields)
        if fields.keys() & _OF_STARTS and not trusted_files:
            get_activity(found.with_validated_changes(fields, _EDITABLE, now=now)).refuse_files()
        if activity.field in fields:
            edited = found.with_validated_changes(fields, _EDITABLE, now=now)
            fields[activity.field] = get_activity(edited).validate(
                Planning(self._runtime, access, edited.timezone, now, trusted_files)
            )
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = repositories.of(TimetableRepository).require(access.project_id, name)
            refuse_stale(f"timetable {name}", former.updated_at, as_of)
            made = _validate_trigger(former.with_validated_changes(fields, _EDITABLE, now=now), former)
            if fields.keys() & _OF_STARTS:
                made = made.model_copy(update={"username": access.username})
            follows_other_chip = isinstance(made.when, AfterCooldown) and made.chip_id != former.chip_id
            if fields.keys() & _OF_MOMENTS or follows_other_chip:
                made = follow_present_cooldown(repositories, restart_from(made, now), now)
            repositories.of(TimetableRepository).put(made)
            log_change(repositories, made, "changed", username=access.username)
            return _view(repositories, made, now)

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
            found = repositories.of(TimetableRepository).require(access.project_id, name)
            get_activity(found).require_access(access)
            refuse_stale(f"timetable {name}", found.updated_at, as_of)
            repositories.of(TimetableRepository).remove(found)
            log_change(repositories, found, "deleted", username=access.username)
        return found

    def start_now(self, access: Access, name: str, *, trusted_files: bool = True) -> Submission:
        """Start the run of a timetable now, by hand, whether or not it is paused; `trusted_files` as for `add`.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If there is no such timetable, it starts no runs, or its run is refused.
        ConflictError
            If its last run has not ended, or another process was first.
        """
        access.require(ProjectRole.EDITOR)
        timetable = self._runtime.repositories.of(TimetableRepository).require(access.project_id, name)
        if by_hand := get_activity(timetable).by_hand:
            raise InvalidInputError(f"timetable {name!r} starts no runs: {by_hand}")
        if not trusted_files:
            get_activity(timetable).refuse_files()
        if why := self._starts.find_obstacle(timetable, self._clock()):
            raise ConflictError(f"timetable {name!r} cannot be started now: {why}")
        outcome = MomentOutcome(at=self._clock(), became="started", why=f"by {access.username}, by hand")
        return self._starts.submit(access, timetable, outcome, considered_until=timetable.considered_until)

    def list_by_project(self, access: Access) -> list[TimetableView]:
        """Return the timetables of a project, by name."""
        now = self._clock()
        found = self._runtime.repositories.of(TimetableRepository).list_by_project(access.project_id)
        return [_view(self._runtime.repositories, one, now) for one in found]

    def page(self, access: Access, request: PageRequest) -> Page[TimetableView]:
        """Return a page of the timetables of a project, by name."""
        now = self._clock()
        page = self._runtime.repositories.of(TimetableRepository).page(access.project_id, request)
        return Page([_view(self._runtime.repositories, one, now) for one in page.items], page.next)

    def show(self, access: Access, name: str) -> TimetableView:
        """Return a timetable; NotFoundError when there is none."""
        repositories = self._runtime.repositories
        found = repositories.of(TimetableRepository).require(access.project_id, name)
        return _view(repositories, found, self._clock())


def _refuse_other_activity(timetable: TimetableModel, fields: Mapping[str, Any]) -> None:
    """Raise InvalidInputError if the field of another activity is set than that of the timetable."""
    activity = get_activity(timetable)
    for field in ActivityFields.model_fields:
        if field != activity.field and fields.get(field) is not None:
            raise InvalidInputError(
                f"timetable {timetable.name!r} {activity.does} and cannot be given a {field}: add another timetable"
            )


def _validate_trigger(timetable: TimetableModel, former: TimetableModel | None = None) -> TimetableModel:
    """Return a timetable whose start after a cool-down stays as set for the same chip; for another it is unknown.

    Raises
    ------
    InvalidInputError
        If it has no chip whose cool-downs it could follow.
    """
    if not isinstance(timetable.when, AfterCooldown):
        return timetable
    if not timetable.chip_id:
        raise InvalidInputError(
            "a timetable without a chip cannot start after cool-downs: choose another start time"
        )
    if former is None or not isinstance(former.when, AfterCooldown) or former.chip_id != timetable.chip_id:
        return timetable.model_copy(update={"when": AfterCooldown(), "cooldown_id": ""})
    return timetable.model_copy(update={"when": former.when})


def _view(repositories: Repositories, timetable: TimetableModel, now: datetime) -> TimetableView:
    try:
        starts = list_next_starts(timetable, after=now)
    except InvalidInputError:  # this machine does not know its zone; still show the others
        starts = []
    return TimetableView(timetable, starts, describe_wait(repositories, timetable, now))
