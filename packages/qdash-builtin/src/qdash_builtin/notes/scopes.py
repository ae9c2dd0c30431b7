"""Scopes of notes on metrics: a cool-down, a time range, or all time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.notes.model import MetricScope, ScopeSource
from qdash_builtin.notes.repository import MetricNoteRepository
from qdash_core.errors import InvalidInputError
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.documents import to_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.notes.model import MetricNoteModel
    from qdash_core.models.cooldown import CooldownModel
    from qdash_core.repositories.repositories import Repositories

GLOBAL = MetricScope.model_construct()
OpenRange = tuple[datetime | None, datetime | None]
"""Start, inclusive, and end, exclusive, of a time range; None for no limit."""
ALWAYS: OpenRange = (None, None)
"""A range without limits."""
_BOTH = "give a cool-down or a time range, not both"


def make_cooldown_scope(cooldown: CooldownModel, source: ScopeSource) -> MetricScope:
    """Return the scope of a cool-down, with its time bounds."""
    return MetricScope(
        scope_type="cooldown",
        scope_key=f"cooldown:{cooldown.cooldown_id}",
        cooldown_id=cooldown.cooldown_id,
        scope_started_at=cooldown.started_at,
        scope_ended_at=cooldown.ended_at,
        scope_source=source,
    )


def make_range_scope(started_at: datetime, ended_at: datetime) -> MetricScope:
    """Return the scope of a time range; InvalidInputError if a bound has no time zone."""
    return MetricScope(
        scope_type="time_range",
        scope_key=f"time_range:{to_scalar(started_at)}:{to_scalar(ended_at)}",
        scope_started_at=started_at,
        scope_ended_at=ended_at,
        scope_source=ScopeSource.MANUAL_TIME_RANGE,
    )


def resolve(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    *,
    cooldown_id: str | None = None,
    time_range: tuple[datetime, datetime] | None = None,
) -> MetricScope:
    """Return the scope of a request, for reading and for writing.

    A range within a cool-down of the chip selects this cool-down. Without a cool-down and a range, the chip's current
    cool-down is used, or all time if there is none.

    Raises
    ------
    NotFoundError
        If there is no such cool-down or chip.
    InvalidInputError
        If both are given, or the range does not end after its start.
    """
    if cooldown_id is not None:
        if time_range is not None:
            raise InvalidInputError(_BOTH)
        cooldown = repositories.of(CooldownRepository).require(project_id, cooldown_id)
        return make_cooldown_scope(cooldown, ScopeSource.EXPLICIT_COOLDOWN)
    if time_range is not None:
        return _resolve_range(repositories, project_id, chip_id, *time_range)
    current = repositories.of(ChipRepository).require(project_id, chip_id).current_cooldown_id
    if current is None:
        return GLOBAL
    return make_cooldown_scope(
        repositories.of(CooldownRepository).require(project_id, current), ScopeSource.CURRENT_COOLDOWN
    )


def _resolve_range(
    repositories: Repositories, project_id: str, chip_id: str, started_at: datetime, ended_at: datetime
) -> MetricScope:
    wanted = make_range_scope(started_at, ended_at)
    check_range((started_at, ended_at))
    for cooldown in repositories.of(CooldownRepository).list_by_chip(project_id, chip_id):
        if cooldown.started_at <= started_at and (cooldown.ended_at is None or ended_at <= cooldown.ended_at):
            return make_cooldown_scope(cooldown, ScopeSource.INFERRED_FROM_RANGE)
    return wanted


def check_range(time_range: OpenRange) -> None:
    """Raise InvalidInputError if a bound has no time zone, or the range does not end after its start."""
    begin, end = time_range
    for bound in (begin, end):
        to_scalar(bound)
    if begin is not None and end is not None and begin >= end:
        raise InvalidInputError(
            f"the time range is empty: its end {end.isoformat()} must be after its start {begin.isoformat()}"
        )


def is_in_range(moment: datetime | None, time_range: OpenRange) -> bool:
    """Return whether a time is known and in a range."""
    begin, end = time_range
    return moment is not None and (begin is None or begin <= moment) and (end is None or moment < end)


def list_notes(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    *,
    cooldown_id: str | None = None,
    time_range: OpenRange | None = None,
) -> list[MetricNoteModel]:
    """Return the notes on the metrics of a chip, without cleared ones, by target and metric.

    In a time range, these are all notes that are valid at some time in it: notes on cool-downs and ranges that overlap
    with it, and notes without a scope. Otherwise, they are those that apply in a cool-down, see `resolve` and `list_visible`.

    Raises
    ------
    NotFoundError
        If there is no such cool-down or chip.
    InvalidInputError
        If both are given, or the range is invalid.
    """
    if time_range is None:
        scope = resolve(repositories, project_id, chip_id, cooldown_id=cooldown_id)
        found = list_visible(repositories, project_id, chip_id, scope)
    elif cooldown_id is not None:
        raise InvalidInputError(_BOTH)
    else:
        check_range(time_range)
        found = [
            *repositories.of(MetricNoteRepository).list_overlapping(project_id, chip_id, *time_range),
            *repositories.of(MetricNoteRepository).list_by_scope(project_id, chip_id, GLOBAL.scope_key),
        ]
    return sorted(
        (note for note in found if note.note.content), key=lambda note: (note.subject, note.scope_key)
    )


def list_visible(
    repositories: Repositories, project_id: str, chip_id: str, scope: MetricScope
) -> list[MetricNoteModel]:
    """Return the note that applies to each metric in a scope, if any, including a note that was cleared there.

    A note of the scope itself wins. In a cool-down, notes on ranges of time within it come next, the one edited last
    first: they may be older than the record of the cool-down. Notes without a scope are below both.
    """
    notes = repositories.of(MetricNoteRepository)
    found: dict[tuple[str, str, str], MetricNoteModel] = {}
    _add(found, notes.list_by_scope(project_id, chip_id, scope.scope_key))
    if scope.scope_type == "cooldown" and scope.scope_started_at is not None:
        within = notes.list_within_range(project_id, chip_id, scope.scope_started_at, scope.scope_ended_at)
        _add(found, sorted(within, key=lambda note: note.updated_at, reverse=True))
    _add(found, notes.list_by_scope(project_id, chip_id, GLOBAL.scope_key))
    return [found[about] for about in sorted(found)]


def _add(found: dict[tuple[str, str, str], MetricNoteModel], notes: Iterable[MetricNoteModel]) -> None:
    for note in notes:
        found.setdefault(note.subject, note)
