"""Scopes of notes on metrics: a cool-down, a range of time, or all time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.note import MetricScope, ScopeSource
from qdash_core.repositories.documents import to_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.cryostat import CooldownModel
    from qdash_core.models.note import MetricNoteModel
    from qdash_core.repositories.repositories import Repositories

GLOBAL = MetricScope()


def make_cooldown_scope(cooldown: CooldownModel, source: ScopeSource) -> MetricScope:
    """Return the scope of a cool-down, with its bounds of time."""
    return MetricScope(
        scope_type="cooldown",
        scope_key=f"cooldown:{cooldown.cooldown_id}",
        cooldown_id=cooldown.cooldown_id,
        scope_started_at=cooldown.started_at,
        scope_ended_at=cooldown.ended_at,
        scope_source=source,
    )


def make_range_scope(started_at: datetime, ended_at: datetime) -> MetricScope:
    """Return the scope of a range of time; InvalidInputError when a bound has no time zone."""
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

    Parameters
    ----------
    repositories : Repositories
        Repositories of the store.
    project_id, chip_id : str
        The chip.
    cooldown_id : str or None
        Id of a cool-down.
    time_range : tuple of datetime or None
        Start and end of a time range. A range within a cool-down of the chip selects this cool-down.

    Notes
    -----
    Without both, the chip's current cool-down is used, or all time if there is none.

    Raises
    ------
    NotFoundError
        If there is no such cool-down or chip.
    InvalidInputError
        If both are given, or the range does not end after its start.
    """
    if cooldown_id is not None:
        if time_range is not None:
            raise InvalidInputError("a cool-down or a range of time: name one of them")
        cooldown = repositories.cooldowns.require(project_id, cooldown_id)
        return make_cooldown_scope(cooldown, ScopeSource.EXPLICIT_COOLDOWN)
    if time_range is not None:
        return _resolve_range(repositories, project_id, chip_id, *time_range)
    current = repositories.chips.require(project_id, chip_id).current_cooldown_id
    if current is None:
        return GLOBAL
    return make_cooldown_scope(
        repositories.cooldowns.require(project_id, current), ScopeSource.CURRENT_COOLDOWN
    )


def _resolve_range(
    repositories: Repositories, project_id: str, chip_id: str, started_at: datetime, ended_at: datetime
) -> MetricScope:
    wanted = make_range_scope(started_at, ended_at)
    if started_at >= ended_at:
        raise InvalidInputError(
            f"the range of time from {started_at.isoformat()} to {ended_at.isoformat()} does not end after its beginning"
        )
    for cooldown in repositories.cooldowns.list_by_chip(project_id, chip_id):
        if cooldown.started_at <= started_at and (cooldown.ended_at is None or ended_at <= cooldown.ended_at):
            return make_cooldown_scope(cooldown, ScopeSource.INFERRED_FROM_RANGE)
    return wanted


def list_visible(
    repositories: Repositories, project_id: str, chip_id: str, scope: MetricScope
) -> list[MetricNoteModel]:
    """Return the note that shows on each metric in a scope, if any: also one that was cleared there.

    A note of the scope itself wins. In a cool-down, notes on ranges of time within it come next, the one edited last
    first: they may be older than the record of the cool-down. Notes without a scope are below both.
    """
    notes = repositories.metric_notes
    found: dict[tuple[str, str, str], MetricNoteModel] = {}
    _add(found, notes.list_by_scope(project_id, chip_id, scope.scope_key))
    if scope.scope_type == "cooldown" and scope.scope_started_at is not None:
        within = notes.list_within_range(project_id, chip_id, scope.scope_started_at, scope.scope_ended_at)
        _add(found, sorted(within, key=lambda note: note.updated_at, reverse=True))
    _add(found, notes.list_by_scope(project_id, chip_id, GLOBAL.scope_key))
    return [found[about] for about in sorted(found)]


def _add(found: dict[tuple[str, str, str], MetricNoteModel], notes: Iterable[MetricNoteModel]) -> None:
    for note in notes:
        found.setdefault(note.about, note)
