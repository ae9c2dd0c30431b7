"""Timetables that start after each cool-down of their chip: once, when it is at base temperature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.timetables.after_cooldowns import follow_cooldown
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import AfterCooldown
from qdash_core.errors import ConflictError, InvalidInputError

from ...access import ADMIN
from ...core.bench import CHIP
from .conftest import MIDNIGHT, NIGHTLY

if TYPE_CHECKING:
    from .conftest import Night

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def cooldowns(night: Night) -> CooldownService:
    """Cool-down 1 of cryostat K with the chip, which is warm, and a timetable `nightly` that waits for it."""
    night.bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    made = CooldownService(night.bench.qdash.store, base_changes=[follow_cooldown], clock=night.clock)
    made.create(ADMIN, "1", "K", chip_ids=[CHIP])
    night.add(when=AfterCooldown())
    return made


def start(night: Night) -> list[str]:
    """Return the outcomes at a check a second later; what was started is ended."""
    found = [one.outcome for one in night.look_at(night.clock.now + SECOND)]
    for one in found:
        if one.execution_id:
            night.perform(one.execution_id)
    return [one.became for one in found]


def get_wait(night: Night) -> str:
    return night.timetables.show(ADMIN, "nightly").waits_for


@pytest.mark.every_store
def test_a_run_starts_once_after_each_cooldown(night: Night, cooldowns: CooldownService) -> None:
    assert get_wait(night) == "base temperature in cool-down 1 of K"
    assert start(night) == []
    cooldowns.mark_cold(ADMIN, "1")
    assert [start(night), start(night)] == [["started"], []]
    assert get_wait(night) == "the next cool-down of K"
    cooldowns.edit(ADMIN, "1", base_at=night.clock.now, description="corrected")
    assert start(night) == [], "a correction starts nothing again"
    cooldowns.end(ADMIN, "1")
    night.clock.forward(minutes=60)
    cooldowns.create(ADMIN, "2", "K", chip_ids=[CHIP], base_at=night.clock.now + HOUR)
    assert night.timetables.show(ADMIN, "nightly").next_starts == [night.clock.now + HOUR]
    night.clock.forward(minutes=60)
    assert [start(night), start(night)] == [["started"], []]


def test_a_time_at_base_in_the_past_starts_a_run_when_it_is_recorded(
    night: Night, cooldowns: CooldownService
) -> None:
    night.clock.forward(minutes=300)
    cooldowns.mark_cold(ADMIN, "1", base_at=night.clock.now - HOUR)
    assert start(night) == ["started"]


@pytest.mark.parametrize(("missed", "became"), [("skip", "missed"), ("once", "started")])
def test_a_start_that_no_worker_saw_is_missed_as_others_are(
    night: Night, cooldowns: CooldownService, missed: str, became: str
) -> None:
    night.timetables.edit(ADMIN, "nightly", missed=missed)
    cooldowns.mark_cold(ADMIN, "1")
    night.clock.forward(minutes=60)
    assert start(night) == [became]
    assert start(night) == []


@pytest.mark.every_store
@pytest.mark.parametrize("leave", ["end", "unassign"])
def test_a_missed_start_is_skipped_once_its_cooldown_is_over_for_the_chip(
    night: Night, cooldowns: CooldownService, leave: str
) -> None:
    night.timetables.edit(ADMIN, "nightly", missed="once")
    cooldowns.mark_cold(ADMIN, "1")
    night.clock.forward(minutes=30)
    if leave == "end":
        cooldowns.end(ADMIN, "1")
    else:
        cooldowns.unassign(ADMIN, "1", CHIP)
    night.clock.forward(minutes=30)
    [skipped] = night.look_at(night.clock.now + SECOND)
    why = {"end": "cool-down 1 has ended", "unassign": f"cool-down 1 no longer has chip {CHIP}"}[leave]
    assert (skipped.outcome.became, skipped.outcome.why) == ("skipped", why)
    if leave == "unassign":
        cooldowns.end(ADMIN, "1")
    night.clock.forward(minutes=60)
    cooldowns.create(ADMIN, "2", "K", chip_ids=[CHIP], base_at=night.clock.now)
    assert start(night) == ["started"], "the next one starts it"


def test_a_planned_time_moves_and_goes_with_the_cooldown(night: Night, cooldowns: CooldownService) -> None:
    begin = night.clock.now
    cooldowns.mark_cold(ADMIN, "1", base_at=begin + HOUR)
    cooldowns.edit(ADMIN, "1", base_at=begin + 2 * HOUR)
    assert night.timetables.show(ADMIN, "nightly").next_starts == [begin + 2 * HOUR]
    night.clock.forward(minutes=90)
    assert start(night) == []
    assert cooldowns.end(ADMIN, "1").base_at is None, "it was not reached"
    assert get_wait(night) == "the next cool-down of K"
    night.clock.forward(minutes=60)
    assert start(night) == []


def test_a_new_timetable_follows_the_present_cooldown_if_it_is_still_warm(
    night: Night, cooldowns: CooldownService
) -> None:
    begin = night.clock.now
    cooldowns.mark_cold(ADMIN, "1", base_at=begin + HOUR)
    assert night.add("later", AfterCooldown(at=MIDNIGHT)).next_starts == [begin + HOUR], (
        "the time in a request is not used"
    )
    night.clock.forward(minutes=120)
    cold = night.add("cold", AfterCooldown())
    assert (cold.next_starts, cold.waits_for) == ([], "the next cool-down of K")
    assert start(night) == ["missed", "missed"]
    cooldowns.edit(ADMIN, "1", base_at=begin)
    assert start(night) == [], "a correction of its time at base is no new cool-down"


def test_a_chip_that_is_loaded_later_is_followed_too(night: Night, cooldowns: CooldownService) -> None:
    cooldowns.unassign(ADMIN, "1", CHIP)
    cooldowns.mark_cold(ADMIN, "1", base_at=night.clock.now + HOUR)
    assert start(night) == []
    cooldowns.assign(ADMIN, "1", CHIP)
    night.clock.forward(minutes=60)
    assert [start(night), start(night)] == [["started"], []]
    cooldowns.unassign(ADMIN, "1", CHIP)
    cooldowns.assign(ADMIN, "1", CHIP)
    assert start(night) == [], "it was the same cool-down"


@pytest.mark.parametrize("how", ["unassign", "delete"])
def test_a_chip_that_leaves_before_it_is_cold_starts_nothing(
    night: Night, cooldowns: CooldownService, how: str
) -> None:
    cooldowns.mark_cold(ADMIN, "1", base_at=night.clock.now + HOUR)
    if how == "unassign":
        cooldowns.unassign(ADMIN, "1", CHIP)
    else:
        cooldowns.delete(ADMIN, "1", force=True)
    assert night.timetables.show(ADMIN, "nightly").next_starts == []
    night.clock.forward(minutes=60)
    assert start(night) == []


def test_a_timetable_that_gets_another_chip_or_kind_follows_anew(
    night: Night, cooldowns: CooldownService
) -> None:
    base_at = night.clock.now + HOUR
    cooldowns.mark_cold(ADMIN, "1", base_at=base_at)
    night.timetables.edit(ADMIN, "nightly", when=NIGHTLY)
    assert night.timetables.edit(ADMIN, "nightly", when=AfterCooldown()).next_starts == [base_at]
    night.add_digest(name="digest", when=AfterCooldown())
    night.bench.add_chip("other")
    changed = night.timetables.edit(ADMIN, "digest", digest=DigestRequest(chip_id="other"))
    assert (changed.next_starts, changed.waits_for) == ([], "the first cool-down of chip other")


def test_a_paused_timetable_starts_nothing_and_goes_on_with_the_next_cooldown(
    night: Night, cooldowns: CooldownService
) -> None:
    night.timetables.pause(ADMIN, "nightly")
    cooldowns.mark_cold(ADMIN, "1")
    assert start(night) == []
    night.timetables.resume(ADMIN, "nightly")
    assert start(night) == []
    assert get_wait(night) == "the next cool-down of K"
    cooldowns.end(ADMIN, "1")
    night.clock.forward(minutes=1)
    cooldowns.create(ADMIN, "2", "K", chip_ids=[CHIP], base_at=night.clock.now)
    assert start(night) == ["started"]


def test_other_chips_and_other_timetables_are_left_alone(night: Night, cooldowns: CooldownService) -> None:
    night.add("by-cron")
    cooldowns.unassign(ADMIN, "1", CHIP)
    cooldowns.mark_cold(ADMIN, "1")
    assert start(night) == []
    assert get_wait(night) == f"the first cool-down of chip {CHIP}"


def test_it_needs_a_chip(night: Night) -> None:
    with pytest.raises(InvalidInputError, match="without a chip cannot start after cool-downs"):
        night.timetables.add(ADMIN, "old", None, AfterCooldown(), keep={"raw": 3600.0})


def test_only_a_time_within_a_cooldown_in_progress_is_marked(
    night: Night, cooldowns: CooldownService
) -> None:
    with pytest.raises(InvalidInputError, match="not between start and end of cool-down 1"):
        cooldowns.mark_cold(ADMIN, "1", base_at=night.clock.now - HOUR)
    cold = cooldowns.mark_cold(ADMIN, "1")
    night.clock.forward(minutes=1)
    with pytest.raises(ConflictError, match="is cold since"):
        cooldowns.mark_cold(ADMIN, "1")
    assert cooldowns.show(ADMIN, "1").base_at == cold.base_at
    cooldowns.end(ADMIN, "1")
    with pytest.raises(ConflictError, match="has ended"):
        cooldowns.mark_cold(ADMIN, "1")


def test_the_service_of_a_home_tells_timetables(night: Night, cooldowns: CooldownService) -> None:
    night.bench.qdash.get(COOLDOWNS).edit(ADMIN, "1", base_at=night.clock.now + 1000 * HOUR)
    assert len(night.timetables.show(ADMIN, "nightly").next_starts) == 1
