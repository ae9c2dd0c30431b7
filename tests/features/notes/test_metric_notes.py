"""Notes on metrics: scopes of writing, and the visible one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.service import NoteService
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskModel
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskRepository

from ...access import ADMIN, access_of
from ...core.chips.samples import METRICS, make_chip
from ...core.clock import Clock

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

P = "default"
T1 = ("A", "qubit", "0", "t1")
"""Chip, kind of target, target and metric."""


@pytest.fixture
def cooldowns(prepared_store: Store, clock: Clock) -> CooldownService:
    make_chip(prepared_store, "A")
    EntityService(prepared_store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    return CooldownService(prepared_store, clock=clock)


@pytest.fixture
def notes(prepared_store: Store, cooldowns: CooldownService, clock: Clock) -> NoteService:
    return NoteService(prepared_store, clock=clock)


@pytest.fixture
def metric_notes(prepared_store: Store, cooldowns: CooldownService, clock: Clock) -> MetricNoteService:
    return MetricNoteService(prepared_store, metrics=METRICS, clock=clock)


def make_time_range(clock: Clock, begin: float, end: float) -> tuple[datetime, datetime]:
    """Return a time range, in days from now."""
    return clock.now + timedelta(days=begin), clock.now + timedelta(days=end)


def list_contents(metric_notes: MetricNoteService, **scope: object) -> list[str]:
    return [note.note.content for note in metric_notes.list_by_chip(ADMIN, "A", **scope)]  # type: ignore[arg-type]


@pytest.mark.every_store
def test_without_a_cooldown_a_note_holds_always(metric_notes: MetricNoteService, clock: Clock) -> None:
    made = metric_notes.edit(access_of("ann"), *T1, "short")
    assert (made.scope_type, made.scope_key, made.scope_source) == ("global", "global", "global")
    assert (made.cooldown_id, made.scope_started_at, made.scope_ended_at) == (None, None, None)
    assert metric_notes.list_by_chip(ADMIN, "A") == [made]
    assert list_contents(metric_notes, time_range=make_time_range(clock, -2, -1)) == ["short"]


def test_while_a_cooldown_goes_on_a_note_is_its(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    cooldown = cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    made = metric_notes.edit(access_of("ann"), *T1, "short")
    assert (made.scope_key, made.cooldown_id, made.scope_source) == ("cooldown:1", "1", "current_cooldown")
    assert (made.scope_started_at, made.scope_ended_at) == (cooldown.started_at, None)
    clock.forward(days=1)
    cooldowns.end(ADMIN, "1")
    assert list_contents(metric_notes) == []
    assert list_contents(metric_notes, cooldown_id="1") == ["short"]


def test_a_named_cooldown_and_a_range_within_one_are_the_same_scope(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    cooldowns.create(ADMIN, "1", "K", started_at=clock.now - timedelta(9), ended_at=clock.now, chip_ids=["A"])
    named = metric_notes.edit(access_of("ann"), *T1, "short", cooldown_id="1")
    ranged = metric_notes.edit(access_of("ann"), *T1, "very short", time_range=make_time_range(clock, -5, -4))
    assert (named.scope_key, ranged.scope_key) == ("cooldown:1", "cooldown:1")
    assert (named.scope_source, ranged.scope_source) == ("explicit_cooldown", "inferred_from_range")
    assert (
        list_contents(metric_notes, cooldown_id="1")
        == list_contents(metric_notes, time_range=make_time_range(clock, -3, -2))
        == ["very short"]
    )


def test_a_note_on_a_range_shows_in_a_cooldown_that_is_added_later_until_it_is_edited_there(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    made = metric_notes.edit(access_of("ann"), *T1, "in the range", time_range=make_time_range(clock, -5, -4))
    begin, end = make_time_range(clock, -5, -4)
    assert (made.scope_type, made.scope_source) == ("time_range", "manual_time_range")
    assert made.scope_key == "time_range:2026-03-27T12:00:00.000000Z:2026-03-28T12:00:00.000000Z"
    assert (made.scope_started_at, made.scope_ended_at) == (begin, end)
    assert list_contents(metric_notes, time_range=(begin, end)) == ["in the range"]
    assert list_contents(metric_notes, time_range=make_time_range(clock, -5, -4.5)) == ["in the range"]
    assert list_contents(metric_notes, time_range=make_time_range(clock, -4, -3)) == []
    cooldowns.create(ADMIN, "1", "K", started_at=begin, ended_at=end, chip_ids=["A"])
    assert list_contents(metric_notes, cooldown_id="1") == ["in the range"]
    metric_notes.edit(access_of("ann"), *T1, "in the cool-down", cooldown_id="1")
    assert list_contents(metric_notes, cooldown_id="1") == ["in the cool-down"]
    metric_notes.edit(access_of("ann"), *T1, "", cooldown_id="1")
    assert list_contents(metric_notes, cooldown_id="1") == []


@pytest.mark.parametrize(("begin", "end"), [(-6, -4), (-5, -0.5), (-9, -8)])
def test_a_note_on_a_range_that_reaches_beyond_a_cooldown_does_not_show_in_it(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock, begin: float, end: float
) -> None:
    metric_notes.edit(access_of("ann"), *T1, "in the range", time_range=make_time_range(clock, begin, end))
    begins, ends = make_time_range(clock, -5, -1)
    cooldowns.create(ADMIN, "1", "K", started_at=begins, ended_at=ends, chip_ids=["A"])
    assert list_contents(metric_notes, cooldown_id="1") == []


@pytest.mark.every_store
def test_a_list_for_a_time_range_has_every_note_that_is_valid_in_it(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    first = make_time_range(clock, -9, -6)
    cooldowns.create(ADMIN, "1", "K", started_at=first[0], ended_at=first[1], chip_ids=["A"])
    metric_notes.edit(access_of("ann"), *T1, "cold", cooldown_id="1")
    metric_notes.edit(access_of("ann"), *T1, "early", time_range=make_time_range(clock, -5, -4))
    metric_notes.edit(access_of("ann"), *T1, "late", time_range=make_time_range(clock, -3, -2))
    metric_notes.edit(access_of("ann"), *T1, "gone", time_range=make_time_range(clock, -3, -1))
    metric_notes.edit(access_of("ann"), *T1, "", time_range=make_time_range(clock, -3, -1))
    metric_notes.edit(access_of("ann"), "A", "qubit", "1", "t1", "always")
    cooldowns.create(ADMIN, "2", "K", started_at=clock.now - timedelta(1), chip_ids=["A"])
    metric_notes.edit(access_of("ann"), *T1, "now")

    def find(begin: float | None, end: float | None) -> set[str]:
        bounds = tuple(None if one is None else clock.now + timedelta(one) for one in (begin, end))
        return {*list_contents(metric_notes, time_range=bounds)}

    assert find(None, None) == {"cold", "early", "late", "now", "always"}
    assert find(-5, -4) == find(-4.5, -4.4) == {"early", "always"}
    assert find(-4, -3) == {"always"}
    assert find(-6.5, -2.5) == {"cold", "early", "late", "always"}
    assert find(-2, None) == find(0.5, 1) == {"now", "always"}
    assert find(None, -9) == {"always"}
    assert find(None, -8.9) == {"cold", "always"}
    seen, after = [], None
    while not seen or after is not None:
        page = metric_notes.page(ADMIN, "A", PageRequest(limit=2, after=after), time_range=(None, None))
        seen, after = [*seen, *(note.note.content for note in page.items)], page.next
    assert sorted(seen) == ["always", "cold", "early", "late", "now"]


def test_of_several_ranges_in_a_cooldown_the_one_edited_last_shows(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    early, late = make_time_range(clock, -5, -4), make_time_range(clock, -3, -2)
    for time_range, content in ((late, "late"), (early, "early")):
        metric_notes.edit(access_of("ann"), *T1, content, time_range=time_range)
        clock.forward(minutes=1)
    cooldowns.create(ADMIN, "1", "K", started_at=early[0], chip_ids=["A"])
    assert list_contents(metric_notes) == ["early"]


def test_a_note_without_a_scope_shows_where_there_is_no_other(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    metric_notes.edit(access_of("ann"), *T1, "always")
    metric_notes.edit(access_of("ann"), "A", "qubit", "1", "t1", "also")
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    assert list_contents(metric_notes) == ["always", "also"]
    metric_notes.edit(access_of("ann"), *T1, "now")
    assert list_contents(metric_notes) == ["now", "also"]
    metric_notes.edit(access_of("ann"), "A", "qubit", "1", "t1", "")
    assert list_contents(metric_notes) == ["now"]
    clock.forward(days=1)
    cooldowns.end(ADMIN, "1")
    assert list_contents(metric_notes) == ["always", "also"]


def test_where_nothing_shows_there_is_nothing_to_clear(
    notes: NoteService, metric_notes: MetricNoteService
) -> None:
    assert metric_notes.edit(access_of("ann"), *T1, "").note.updated_at is None
    assert not notes.list_chip_events(ADMIN, "A")
    metric_notes.edit(access_of("ann"), *T1, "short")
    assert metric_notes.edit(access_of("ann"), *T1, "").note.updated_at is not None
    assert [event.action for event in reversed(notes.list_chip_events(ADMIN, "A"))].count("delete") == 1


def test_the_log_names_metric_and_scope(notes: NoteService, metric_notes: MetricNoteService) -> None:
    metric_notes.edit(access_of("ann"), *T1, "short")
    [event] = notes.list_chip_events(ADMIN, "A")
    assert (event.scope, event.target_id, event.metric_key) == ("qubit_metric", "0", "t1")
    assert (event.extra, event.content) == ({"scope_key": "global"}, "short")


def test_what_cannot_be_is_refused(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    both = {"cooldown_id": "1", "time_range": make_time_range(clock, -2, -1)}
    naive = (datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001
    for scope, message in (
        (both, "not both"),
        ({"time_range": make_time_range(clock, -1, -1)}, "the time range is empty"),
        ({"time_range": naive}, "needs a time zone"),
        ({"cooldown_id": "2"}, "no cool-down '2'"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            metric_notes.edit(access_of("ann"), *T1, "x", **scope)  # type: ignore[arg-type]
        with pytest.raises(InvalidInputError, match=message):
            list_contents(metric_notes, **scope)
    with pytest.raises(InvalidInputError, match="needs its name"):
        metric_notes.edit(access_of("ann"), "A", "qubit", "0", "", "x")
    for chip_id, message in (("A", "no qubit '9' of chip 'A'"), ("B", "no chip 'B' in project default")):
        with pytest.raises(NotFoundError, match=message):
            metric_notes.edit(access_of("ann"), chip_id, "qubit", "9", "t1", "x")
    with pytest.raises(NotFoundError, match="no chip 'B'"):
        metric_notes.list_by_chip(ADMIN, "B")


def test_a_metric_that_nobody_knows_is_refused(
    prepared_store: Store, notes: NoteService, metric_notes: MetricNoteService, clock: Clock
) -> None:
    with pytest.raises(NotFoundError, match=r"no metric 't2_ech' of a qubit, .* did you mean 't2_echo' or"):
        metric_notes.edit(access_of("ann"), "A", "qubit", "0", "t2_ech", "short")
    with pytest.raises(NotFoundError, match="`qdash metrics A --summary` has those of the chip"):
        metric_notes.show(ADMIN, "A", "qubit", "0", "ケーブル")
    with pytest.raises(NotFoundError, match="no metric 't1' of a coupling"):
        metric_notes.edit(access_of("ann"), "A", "coupling", "0-1", "t1", "short")
    assert notes.list_chip_events(ADMIN, "A") == []


def test_what_has_a_value_a_task_or_a_note_is_a_metric(
    prepared_store: Store, metric_notes: MetricNoteService, clock: Clock
) -> None:
    repositories = Repositories(prepared_store)
    repositories.of(QubitCalibrationRepository).update_calib_data(
        P, "A", "1", {"gain": ParameterModel(value=3.0)}
    )
    made = {"tilt": {}}
    repositories.of(TaskRepository).put(
        TaskModel(
            project_id=P, username="ann", name="T", backend="b", task_type="qubit", output_parameters=made
        )
    )
    for name in ("gain", "tilt"):
        metric_notes.edit(access_of("ann"), "A", "qubit", "0", name, "odd")
    repositories.of(TaskRepository).put(
        TaskModel(project_id=P, username="ann", name="T", backend="b", task_type="qubit")
    )
    assert metric_notes.edit(access_of("ann"), "A", "qubit", "0", "tilt", "").note.content == ""
    with pytest.raises(NotFoundError, match="no metric 'tilt'"):
        metric_notes.edit(access_of("ann"), "A", "qubit", "1", "tilt", "odd")


RANGES = st.tuples(st.integers(0, 9), st.integers(1, 5))
"""First day, and number of days."""


@given(st.lists(st.tuples(st.none() | RANGES, st.sampled_from(["", "x", "y"])), max_size=8), RANGES)
def test_what_shows_in_a_cooldown_is_what_a_plain_reading_of_the_rule_says(
    edits: list[tuple[tuple[int, int] | None, str]], cooled: tuple[int, int]
) -> None:
    """Notes are written on time ranges and without a scope; then the cool-down is recorded."""
    clock, store = Clock(), MemoryStore.open("memory://")
    make_chip(store, "A")
    EntityService(store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    metric_notes = MetricNoteService(store, metrics=METRICS, clock=clock)
    kept: dict[tuple[int, int] | None, str] = {}  # in order of writing
    for scope, content in edits:
        clock.forward(minutes=1)
        metric_notes.edit(
            access_of("ann"), *T1, content, time_range=None if scope is None else list_bounds(scope)
        )
        if content or kept.get(scope, kept.get(None, "")):
            kept.pop(scope, None)
            kept[scope] = content
    begin, end = list_bounds(cooled)
    CooldownService(store, clock=clock).create(
        ADMIN, "1", "K", started_at=begin, ended_at=end, chip_ids=["A"]
    )
    inside = [
        content
        for scope, content in kept.items()
        if scope is not None and begin <= list_bounds(scope)[0] and list_bounds(scope)[1] <= end
    ]
    expected = inside[-1] if inside else kept.get(None, "")
    assert list_contents(metric_notes, cooldown_id="1") == ([expected] if expected else [])


def list_bounds(scope: tuple[int, int]) -> tuple[datetime, datetime]:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(scope[0])
    return begin, begin + timedelta(scope[1])


def test_a_note_on_a_metric_is_looked_at_in_its_scope(
    metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    always = metric_notes.edit(access_of("ann"), *T1, "short")
    assert metric_notes.show(ADMIN, *T1) == always
    cooldowns.create(ADMIN, "1", "K", started_at=clock.now - timedelta(days=1), chip_ids=["A"])
    assert metric_notes.show(ADMIN, *T1) == always
    here = metric_notes.edit(access_of("ann"), *T1, "shorter")
    assert metric_notes.show(ADMIN, *T1) == metric_notes.show(ADMIN, *T1, cooldown_id="1") == here
    assert metric_notes.show(ADMIN, *T1, time_range=make_time_range(clock, -9, -8)) == always
    nothing = metric_notes.show(ADMIN, "A", "qubit", "Q00", "t2_echo")
    assert (nothing.target_id, nothing.scope_key, nothing.note.updated_at) == ("0", "cooldown:1", None)


def test_a_note_on_a_metric_is_put_back_in_the_scope_it_was_written_in(
    notes: NoteService, metric_notes: MetricNoteService, cooldowns: CooldownService, clock: Clock
) -> None:
    metric_notes.edit(access_of("ann"), *T1, "short", time_range=make_time_range(clock, -2, -1))
    metric_notes.edit(access_of("ann"), *T1, "long", time_range=make_time_range(clock, -2, -1))
    cooldowns.create(ADMIN, "1", "K", chip_ids=["A"])
    restored = notes.restore(access_of("bob"), 1)
    assert metric_notes.show(ADMIN, *T1, time_range=make_time_range(clock, -2, -1)) == restored
    assert (restored.note.content, restored.note.updated_by) == ("short", "bob")
    assert list_contents(metric_notes) == []


def test_a_note_that_went_with_its_chip_is_not_put_back(
    prepared_store: Store, notes: NoteService, metric_notes: MetricNoteService
) -> None:
    metric_notes.edit(access_of("ann"), *T1, "short")
    with prepared_store.transaction() as transaction:
        transaction.delete("metric_note", {"project_id": P, "chip_id": "A"})
    with pytest.raises(NotFoundError, match="the note on t1 of 0 went with chip 'A'"):
        notes.restore(access_of("ann"), 1)
