"""Starts of timetables after cool-downs: once for each cool-down of their chip, when it is at base temperature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.timetables.models.timetable import AfterCooldown
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.models.cooldown import CooldownModel
    from qdash_core.repositories.repositories import Repositories

_LEAST = timedelta(microseconds=1)


def follow_cooldown(repositories: Repositories, cooldown: CooldownModel, now: datetime) -> None:
    """Set, move or remove the starts of the timetables of a cool-down whose chips or time at base temperature have changed."""
    for one in repositories.of(TimetableRepository).list_by_project(cooldown.project_id):
        is_of_it = one.chip_id in cooldown.chip_ids or one.cooldown_id == cooldown.cooldown_id
        if isinstance(one.when, AfterCooldown) and is_of_it:
            repositories.of(TimetableRepository).put(_follow(one, one.when.at, cooldown, now))


def follow_present_cooldown(
    repositories: Repositories, timetable: TimetableModel, now: datetime
) -> TimetableModel:
    """Return a new or changed timetable with its start if the time at base temperature of the present cool-down of its chip is in the future.

    In a cool-down that is cold already, it never starts, also if that time is corrected.
    """
    if not isinstance(timetable.when, AfterCooldown):
        return timetable
    current = repositories.of(ChipRepository).get_current_cooldown(timetable.project_id, timetable.chip_id)
    found = (
        None if current is None else repositories.of(CooldownRepository).find(timetable.project_id, current)
    )
    if found is None or found.base_at is None:
        return timetable
    if found.base_at <= now:
        return timetable.model_copy(update={"cooldown_id": found.cooldown_id})
    return _follow(timetable, timetable.when.at, found, now)


def find_lost_cooldown(repositories: Repositories, timetable: TimetableModel) -> str:
    """Return a message if the cool-down for which a timetable is due has ended, or no longer has its chip; empty if it can start."""
    if not isinstance(timetable.when, AfterCooldown):
        return ""
    found = repositories.of(CooldownRepository).find(timetable.project_id, timetable.cooldown_id)
    if found is not None and not found.ongoing:
        return f"cool-down {timetable.cooldown_id} has ended"
    if found is None or timetable.chip_id not in found.chip_ids:
        return f"cool-down {timetable.cooldown_id} no longer has chip {timetable.chip_id}"
    return ""


def describe_wait(repositories: Repositories, timetable: TimetableModel, now: datetime) -> str:
    """Return what a timetable waits for as text: `the next cool-down of K-0`; empty if its next start is known, or there is none."""
    is_over = timetable.until is not None and timetable.until <= now
    if not isinstance(timetable.when, AfterCooldown) or timetable.paused or timetable.next_at or is_over:
        return ""
    known = repositories.of(CooldownRepository).list_by_chip(timetable.project_id, timetable.chip_id)
    if not known:
        return f"the first cool-down of chip {timetable.chip_id}"
    newest = known[0]
    if newest.ongoing and newest.base_at is None:
        return f"base temperature in cool-down {newest.cooldown_id} of {newest.cryo_id}"
    return f"the next cool-down of {newest.cryo_id}"


def _follow(
    timetable: TimetableModel, former: datetime | None, cooldown: CooldownModel, now: datetime
) -> TimetableModel:
    """Return a timetable with its start in a cool-down; unchanged if it had one that is due or handled."""
    is_inside = cooldown.ongoing and timetable.chip_id in cooldown.chip_ids
    base_at = cooldown.base_at if is_inside else None
    at = None if base_at is None else max(base_at, now, timetable.considered_until + _LEAST)
    if timetable.cooldown_id == cooldown.cooldown_id:
        if former is None or former <= now:
            return timetable
    elif at is None:
        return timetable
    ends = timetable.until is not None and at is not None and at > timetable.until
    return timetable.model_copy(
        update={
            "when": AfterCooldown(at=at),
            "cooldown_id": "" if at is None else cooldown.cooldown_id,
            "next_at": None if timetable.paused or ends else at,
        }
    )
