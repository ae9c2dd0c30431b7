"""Cool-downs: valid times, their chips, and references to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN, access_of
from ...core.chips.samples import METRICS, make_chip

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P = "default"
DAY = timedelta(days=1)


@pytest.fixture
def cooldowns(prepared_store: Store, clock: Clock) -> CooldownService:
    """Cool-downs of cryostats K and L, and of chips A and B."""
    cryostats = EntityService(prepared_store, CRYOSTAT, clock=clock)
    for cryo_id in "KL":
        cryostats.create(ADMIN, cryo_id)
    for chip_id in "AB":
        make_chip(prepared_store, chip_id)
    return CooldownService(prepared_store, clock=clock)


def get_current_cooldown(store: Store, chip_id: str) -> str | None:
    return Repositories(store).of(ChipRepository).require(P, chip_id).current_cooldown_id


@pytest.mark.every_store
def test_while_a_cooldown_goes_on_its_chips_point_to_it(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    made = cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    assert (made.started_at, made.ongoing, made.chip_ids) == (clock.now, True, ["A"])
    assert get_current_cooldown(prepared_store, "A") == "1"
    assert cooldowns.assign(ADMIN, "1", "B").chip_ids == ["A", "B"]
    assert cooldowns.assign(ADMIN, "1", "B").chip_ids == ["A", "B"]
    assert get_current_cooldown(prepared_store, "B") == "1"
    assert cooldowns.unassign(ADMIN, "1", "A").chip_ids == ["B"]
    assert get_current_cooldown(prepared_store, "A") is None
    clock.forward(days=30)
    ended = cooldowns.end(ADMIN, "1")
    assert (ended.ended_at, ended.chip_ids) == (clock.now, ["B"])
    assert get_current_cooldown(prepared_store, "B") is None
    assert cooldowns.show(ADMIN, "1") == ended


def test_a_past_cooldown_is_put_on_record_and_nothing_points_to_it(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    past = cooldowns.create(
        ADMIN, "1", "K", started_at=clock.now - 9 * DAY, ended_at=clock.now - DAY, chip_ids=["A"]
    )
    assert get_current_cooldown(prepared_store, "A") is None
    cooldowns.create(ADMIN, "2", "K", chip_ids=["A"])
    assert cooldowns.assign(ADMIN, "1", "B").chip_ids == ["A", "B"]
    assert (get_current_cooldown(prepared_store, "A"), get_current_cooldown(prepared_store, "B")) == (
        "2",
        None,
    )
    assert [found.cooldown_id for found in cooldowns.list_by_chip(ADMIN, "A")] == ["2", "1"]
    [found] = cooldowns.list_by_chip(ADMIN, "B")
    assert found.changed_at > past.changed_at
    assert found == past.model_copy(update={"chip_ids": ["A", "B"], "updated_at": found.updated_at})
    assert [found.cooldown_id for found in cooldowns.list_by_cryostat(ADMIN, "K")] == ["2", "1"]
    assert [found.cooldown_id for found in cooldowns.list_by_project(ADMIN)] == ["2", "1"]
    assert not cooldowns.list_by_cryostat(ADMIN, "L")


def test_a_chip_is_in_one_cooldown_at_a_time(prepared_store: Store, cooldowns: CooldownService) -> None:
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    cooldowns.create(ADMIN, "2", "L")
    with pytest.raises(ConflictError, match="chip A is in cool-down 1, which goes on"):
        cooldowns.assign(ADMIN, "2", "A")
    with pytest.raises(ConflictError, match="cryostat K has cool-down 1 in the same time"):
        cooldowns.create(ADMIN, "3", "K", chip_ids=["A"])
    assert [found.chip_ids for found in cooldowns.list_by_project(ADMIN)] == [["A"], []]
    assert get_current_cooldown(prepared_store, "A") == "1"


def test_of_a_cooldown_that_is_refused_nothing_is_written(
    prepared_store: Store, cooldowns: CooldownService
) -> None:
    with pytest.raises(NotFoundError, match=r"no chip 'C' in project default \(known: "):
        cooldowns.create(ADMIN, "1", "K", chip_ids=["A", "C"])
    assert not cooldowns.list_by_project(ADMIN)
    assert get_current_cooldown(prepared_store, "A") is None


@pytest.mark.parametrize(
    ("begins", "ends", "free"),
    [
        (-10, -5, True),
        (-10, -4, False),
        (-2, -1, True),
        (-3, -1, False),
        (-10, None, False),
        (-2, None, True),
    ],
)
def test_a_cryostat_has_one_cooldown_at_a_time(
    cooldowns: CooldownService, clock: Clock, begins: int, ends: int | None, *, free: bool
) -> None:
    cooldowns.create(ADMIN, "1", "K", started_at=clock.now - 5 * DAY, ended_at=clock.now - 2 * DAY)
    times = {
        "started_at": clock.now + begins * DAY,
        "ended_at": None if ends is None else clock.now + ends * DAY,
    }
    cooldowns.create(ADMIN, "2", "L", **times)
    if free:
        assert cooldowns.create(ADMIN, "3", "K", **times).cryo_id == "K"
    else:
        with pytest.raises(ConflictError, match="cryostat K has cool-down 1 in the same time"):
            cooldowns.create(ADMIN, "3", "K", **times)


def test_what_cannot_be_is_refused(prepared_store: Store, cooldowns: CooldownService, clock: Clock) -> None:
    cooldowns.create(ADMIN, "1", "K")
    with pytest.raises(ConflictError, match="cool-down 1 exists already"):
        cooldowns.create(ADMIN, "1", "L")
    with pytest.raises(InvalidInputError, match="cool-down id"):
        cooldowns.create(ADMIN, "", "L")
    with pytest.raises(NotFoundError, match=r"no cryostat 'M' .*known: K, L"):
        cooldowns.create(ADMIN, "2", "M")
    with pytest.raises(InvalidInputError, match="not after its beginning"):
        cooldowns.create(ADMIN, "2", "L", ended_at=clock.now)
    EntityService(prepared_store, CRYOSTAT).edit(ADMIN, "L", status="maintenance")
    with pytest.raises(ConflictError, match="cryostat L is maintenance: activate it"):
        cooldowns.create(ADMIN, "2", "L")
    with pytest.raises(InvalidInputError, match=r"chip 'A' is not in cool-down 1 \(in it: none\)"):
        cooldowns.unassign(ADMIN, "1", "A")
    for ask in (cooldowns.show, cooldowns.edit, cooldowns.end, cooldowns.delete):
        with pytest.raises(NotFoundError, match=r"no cool-down '2' .*known: 1"):
            ask(ADMIN, "2")


def test_times_are_corrected_and_notes_follow(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    metric_notes = MetricNoteService(prepared_store, metrics=METRICS, clock=clock)
    metric_notes.edit(access_of("ann"), "A", "qubit", "0", "t1", "short")
    clock.forward(days=2)
    edited = cooldowns.edit(
        ADMIN, "1", started_at=clock.now - 4 * DAY, ended_at=clock.now - DAY, description="first"
    )
    assert (edited.started_at, edited.ended_at, edited.description) == (
        clock.now - 4 * DAY,
        clock.now - DAY,
        "first",
    )
    assert get_current_cooldown(prepared_store, "A") is None
    [note] = metric_notes.list_by_chip(ADMIN, "A", cooldown_id="1")
    assert (note.scope_started_at, note.scope_ended_at) == (edited.started_at, edited.ended_at)
    with pytest.raises(ConflictError, match="has ended at"):
        cooldowns.end(ADMIN, "1")
    with pytest.raises(InvalidInputError, match="not after its beginning"):
        cooldowns.edit(ADMIN, "1", started_at=clock.now)
    assert cooldowns.show(ADMIN, "1") == edited


def test_description_and_time_at_base_are_cleared_and_other_times_are_not(
    cooldowns: CooldownService, clock: Clock
) -> None:
    cooldowns.create(ADMIN, "1", "K", base_at=clock.now + DAY, description="new package")
    edited = cooldowns.edit(ADMIN, "1", base_at=None, description=None)
    assert (edited.base_at, edited.description) == (None, "")
    with pytest.raises(InvalidInputError, match="started_at cannot be None"):
        cooldowns.edit(ADMIN, "1", started_at=None)
    clock.forward(days=1)
    ended = cooldowns.end(ADMIN, "1")
    with pytest.raises(InvalidInputError, match="has ended and cannot go on"):
        cooldowns.edit(ADMIN, "1", ended_at=None)
    assert cooldowns.show(ADMIN, "1") == ended


def test_a_cooldown_with_something_on_record_stays(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    MetricNoteService(prepared_store, metrics=METRICS, clock=clock).edit(
        ADMIN, "A", "qubit", "0", "t1", "short", cooldown_id="1"
    )
    with prepared_store.transaction() as transaction:
        transaction.put(
            "task_result_history", {"project_id": P, "task_id": "t", "chip_id": "A", "cooldown_id": "1"}
        )
    for _ in ("with the chip in it", "without"):
        with pytest.raises(ConflictError, match=r"results \(1\) and notes on metrics \(1\)"):
            cooldowns.delete(ADMIN, "1", force=True)
        if "A" in cooldowns.show(ADMIN, "1").chip_ids:
            cooldowns.unassign(ADMIN, "1", "A")
    cooldowns.create(ADMIN, "2", "L")
    cooldowns.delete(ADMIN, "2")
    assert [found.cooldown_id for found in cooldowns.list_by_project(ADMIN)] == ["1"]


def test_what_is_lost_with_a_cooldown_is_named_and_goes_when_it_must(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    made = cooldowns.create(ADMIN, "1", "K", chip_ids=["B"])
    with pytest.raises(ConflictError, match=r"would be lost: that B is in it; --force"):
        cooldowns.delete(ADMIN, "1")
    assert get_current_cooldown(prepared_store, "B") == "1"
    assert cooldowns.delete(ADMIN, "1", force=True) == made
    assert get_current_cooldown(prepared_store, "B") is None
    cooldowns.create(ADMIN, "1", "K")
    place = NotePlace(NoteScope.COOLDOWN, "1")
    NoteService(prepared_store, clock=clock).edit(access_of("ann"), place, "leak")
    with pytest.raises(ConflictError, match=r"would be lost: its note; --force"):
        cooldowns.delete(ADMIN, "1")
    cooldowns.delete(ADMIN, "1", force=True)
    assert not cooldowns.list_by_project(ADMIN)


def test_a_deleted_chip_is_in_no_cooldown(
    prepared_store: Store, cooldowns: CooldownService, clock: Clock
) -> None:
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A", "B"])
    ChipService(prepared_store, ZoneInfo("UTC"), is_live=lambda lock: False).delete(ADMIN, "A")
    assert cooldowns.show(ADMIN, "1").chip_ids == ["B"]
