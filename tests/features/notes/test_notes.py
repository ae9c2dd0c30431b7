"""Notes on objects: written, cleared, logged in the same transaction, searched."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.repository import CryostatRepository
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import LONGEST_NOTE, Note
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.chips.samples import METRICS, make_chip

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P = "default"
PLACES = [
    NotePlace(NoteScope.CHIP, "A"),
    NotePlace(NoteScope.QUBIT, "1", "A"),
    NotePlace(NoteScope.COUPLING, "0-1", "A"),
    NotePlace(NoteScope.TASK_RESULT, "t"),
    NotePlace(NoteScope.CRYOSTAT, "K"),
    NotePlace(NoteScope.COOLDOWN, "1"),
]
CHIP, QUBIT, RESULT = PLACES[0], PLACES[1], PLACES[3]


def make_result(task_id: str, **fields: object) -> TaskResultModel:
    shared = {"project_id": P, "username": "ann", "chip_id": "A", "execution_id": "e"}
    return TaskResultModel.model_validate(
        {**shared, "task_id": task_id, "name": "CheckT1", "qid": "1", **fields}
    )


@pytest.fixture
def notes(prepared_store: Store, clock: Clock) -> NoteService:
    """Notes in a project with one object of every kind, and a second chip."""
    for chip_id in "AB":
        make_chip(prepared_store, chip_id)
    EntityService(prepared_store, CRYOSTAT, clock=clock).create(ADMIN, "K")
    CooldownService(prepared_store, clock=clock).create(ADMIN, "1", "K")
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(make_result("t"))
    return NoteService(prepared_store, clock=clock)


@pytest.fixture
def metric_notes(prepared_store: Store, clock: Clock) -> MetricNoteService:
    return MetricNoteService(prepared_store, metrics=METRICS, clock=clock)


def note_at(store: Store, place: NotePlace) -> Note:
    repositories = Repositories(store)
    found = {
        NoteScope.CHIP: lambda: repositories.of(ChipRepository).require(P, "A").note,
        NoteScope.QUBIT: lambda: repositories.of(QubitCalibrationRepository).list_by_chip(P, "A")[1].note,
        NoteScope.COUPLING: lambda: (
            repositories.of(CouplingCalibrationRepository).list_by_chip(P, "A")[0].note
        ),
        NoteScope.TASK_RESULT: lambda: repositories.of(TaskResultHistoryRepository).find(P, "t").user_note,
        NoteScope.CRYOSTAT: lambda: repositories.of(CryostatRepository).require(P, "K").note,
        NoteScope.COOLDOWN: lambda: repositories.of(CooldownRepository).require(P, "1").note,
    }
    return found[place.scope]()


@pytest.mark.every_store
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.scope.value)
def test_a_note_is_written_replaced_and_cleared_and_each_edit_is_logged(
    prepared_store: Store, notes: NoteService, clock: Clock, place: NotePlace
) -> None:
    assert note_at(prepared_store, place) == Note()
    first = notes.edit(access_of("ann"), place, " replaced in April\n").note
    assert first == Note(content="replaced in April", updated_by="ann", updated_at=clock.now)
    assert note_at(prepared_store, place) == first
    clock.forward(hours=1)
    second = notes.edit(access_of("bob"), place, "put back").note
    clock.forward(hours=1)
    cleared = notes.edit(access_of("ann"), place, " ").note
    assert note_at(prepared_store, place) == cleared == Note(updated_by="ann", updated_at=clock.now)
    events = notes.list_target_events(ADMIN, place.scope, place.target_id)
    assert sorted((event.seq, event.action, event.actor, event.content) for event in events) == [
        (1, "upsert", "ann", first.content),
        (2, "upsert", "bob", second.content),
        (3, "delete", "ann", ""),
    ]
    about_a_chip = place.scope not in (NoteScope.CRYOSTAT, NoteScope.COOLDOWN)
    assert {event.chip_id for event in events} == {"A" if about_a_chip else ""}


def test_what_was_never_noted_is_not_cleared(prepared_store: Store, notes: NoteService) -> None:
    assert notes.edit(access_of("ann"), QUBIT, "").note.updated_at is None
    assert note_at(prepared_store, QUBIT).updated_at is None
    notes.edit(access_of("ann"), QUBIT, "noisy")
    notes.edit(access_of("ann"), QUBIT, "")
    assert note_at(prepared_store, QUBIT).updated_at is not None
    assert len(notes.list_chip_events(ADMIN, "A")) == 2


@pytest.mark.every_store
def test_an_edit_that_cannot_be_logged_is_not_made(
    prepared_store: Store,
    notes: NoteService,
    metric_notes: MetricNoteService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("qdash_builtin.notes.repository.NoteEventRepository.append", broken)
        for edit in (
            lambda: notes.edit(access_of("ann"), QUBIT, "noisy"),
            lambda: metric_notes.edit(access_of("ann"), "A", "qubit", "1", "t1", "short"),
        ):
            with pytest.raises(ZeroDivisionError):
                edit()
    assert note_at(prepared_store, QUBIT) == Note()
    assert not metric_notes.list_by_chip(ADMIN, "A")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (NotePlace(NoteScope.CHIP, "C"), "no chip 'C' in project default"),
        (NotePlace(NoteScope.QUBIT, "7", "A"), "no qubit '7' of chip 'A'"),
        (NotePlace(NoteScope.COUPLING, "0-7", "A"), "no coupling '0-7' of chip 'A'"),
        (NotePlace(NoteScope.TASK_RESULT, "u"), "no task result 'u'"),
        (NotePlace(NoteScope.CRYOSTAT, "L"), "no cryostat 'L'"),
    ],
)
def test_a_place_that_is_not_there_is_named(notes: NoteService, place: NotePlace, message: str) -> None:
    with pytest.raises(NotFoundError, match=message):
        notes.edit(access_of("ann"), place, "x")


def search(notes: NoteService, text: str, access: Access = ADMIN, *, limit: int = 50) -> list[str]:
    """Return the contents of the newest edits with these words."""
    return [one.content for one in notes.get_events_page(access, PageRequest(limit), text=text).items]


def test_what_cannot_be_a_note_is_refused(notes: NoteService) -> None:
    with pytest.raises(InvalidInputError, match=f"{LONGEST_NOTE + 1} characters is too long"):
        notes.edit(access_of("ann"), CHIP, "x" * (LONGEST_NOTE + 1))
    with pytest.raises(InvalidInputError, match="has a scope of time"):
        notes.edit(access_of("ann"), NotePlace(NoteScope.QUBIT_METRIC, "1", "A"), "x")
    with pytest.raises(InvalidInputError, match="no word in '…'"):
        search(notes, "…")


def test_labels_are_taken_as_ids(
    prepared_store: Store, notes: NoteService, metric_notes: MetricNoteService
) -> None:
    notes.edit(access_of("ann"), NotePlace(NoteScope.QUBIT, "Q01", "A"), "noisy")
    metric_notes.edit(access_of("ann"), "A", "coupling", "Q01-Q00", "static_zz_interaction", "large")
    assert note_at(prepared_store, QUBIT).content == "noisy"
    assert {(event.scope, event.target_id) for event in notes.list_chip_events(ADMIN, "A")} == {
        ("qubit", "1"),
        ("coupling_metric", "0-1"),
    }


def test_the_log_of_a_result_says_what_was_measured(notes: NoteService) -> None:
    notes.edit(access_of("ann"), RESULT, "the pump was off")
    [event] = notes.list_chip_events(ADMIN, "A")
    assert event.extra == {"qid": "1", "task_name": "CheckT1"}


@pytest.mark.every_store
def test_the_log_is_read_by_pages_newest_first(notes: NoteService, clock: Clock) -> None:
    for number in range(5):
        notes.edit(access_of("ann"), QUBIT, f"edit {number}")
        clock.forward(minutes=1)
    notes.edit(access_of("ann"), NotePlace(NoteScope.QUBIT, "1", "B"), "elsewhere")
    pages, after = [], None
    while page := notes.list_chip_events(ADMIN, "A", limit=2, after=after):
        pages.append([event.content for event in page])
        after = page[-1]
    assert pages == [["edit 4", "edit 3"], ["edit 2", "edit 1"], ["edit 0"]]
    assert len(notes.list_target_events(ADMIN, NoteScope.QUBIT, "1")) == 6
    assert len(notes.list_target_events(ADMIN, NoteScope.QUBIT, "1", chip_id="A")) == 5
    [last] = notes.list_target_events(ADMIN, NoteScope.QUBIT, "1", limit=1)
    assert last.content == "elsewhere"
    assert search(notes, "edit", limit=2) == ["edit 4", "edit 3"]


@pytest.mark.every_store
def test_edits_are_selected_by_their_time(notes: NoteService, clock: Clock) -> None:
    begin = clock.now
    for number in range(4):
        notes.edit(access_of("ann"), QUBIT, f"edit {number}")
        clock.forward(hours=1)
    first, later = (begin, begin + timedelta(hours=1)), (begin + timedelta(hours=3), None)
    for time_range, contents in ((first, ["edit 0"]), (later, ["edit 3"]), ((clock.now, None), [])):
        found = (
            notes.list_chip_events(ADMIN, "A", time_range=time_range),
            notes.get_events_page(ADMIN, PageRequest(), chip_id="A", time_range=time_range).items,
            notes.get_events_page(
                ADMIN, PageRequest(), target=(NoteScope.QUBIT, "1"), time_range=time_range
            ).items,
            notes.get_events_page(ADMIN, PageRequest(), text="edit", time_range=time_range).items,
        )
        assert [[event.content for event in events] for events in found] == [contents] * len(found)
    with pytest.raises(InvalidInputError, match="the time range is empty"):
        notes.get_events_page(ADMIN, PageRequest(), text="edit", time_range=(clock.now, begin))


@pytest.mark.every_store
def test_noted_results_are_selected_by_cooldown_and_start(
    prepared_store: Store, notes: NoteService, clock: Clock
) -> None:
    begin = clock.now
    starts = {"u": begin, "v": begin + timedelta(hours=1), "w": None}
    for task_id, start_at in starts.items():
        cooldown_id = "1" if task_id == "v" else None
        result = make_result(task_id, start_at=start_at, cooldown_id=cooldown_id)
        Repositories(prepared_store).of(TaskResultHistoryRepository).add(result)
        clock.forward(hours=1)
        notes.edit(access_of("ann"), NotePlace(NoteScope.TASK_RESULT, task_id), "odd")

    def find(**given: object) -> list[str]:
        page = notes.get_noted_results_page(ADMIN, "A", PageRequest(), **given)  # type: ignore[arg-type]
        return [found.task_id for found in page.items]

    assert find() == ["w", "v", "u"]
    assert find(time_range=(None, begin + timedelta(hours=1))) == ["u"]
    assert find(time_range=(begin + timedelta(minutes=1), None)) == find(cooldown_id="1") == ["v"]
    assert find(cooldown_id="1", time_range=(None, begin + timedelta(hours=1))) == []


@pytest.mark.every_store
def test_notes_are_found_by_their_words_also_when_they_were_replaced(
    notes: NoteService, clock: Clock
) -> None:
    notes.edit(access_of("ann"), CHIP, "Wafer 12, 冷却サイクル")
    clock.forward(hours=1)
    notes.edit(access_of("ann"), CHIP, "wafer 13")
    notes.edit(access_of("ann"), NotePlace(NoteScope.CRYOSTAT, "K"), "pump serviced")
    assert search(notes, "WAFER") == ["wafer 13", "Wafer 12, 冷却サイクル"]
    assert search(notes, "冷却 12") == ["Wafer 12, 冷却サイクル"]
    assert not search(notes, "wafer pump")
    assert not search(notes, "wafer", access_of("admin", "other"))


def test_the_noted_results_of_a_chip_noted_last_first(
    prepared_store: Store, notes: NoteService, clock: Clock
) -> None:
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(
        *(make_result(name) for name in "uvw"), make_result("x", chip_id="B")
    )
    for task_id in ("v", "t", "u", "x"):
        clock.forward(hours=1)
        notes.edit(access_of("ann"), NotePlace(NoteScope.TASK_RESULT, task_id), f"look at {task_id}")
    clock.forward(hours=1)
    notes.edit(access_of("ann"), RESULT, "")  # the newest page of one note contains only a cleared one
    assert [found.task_id for found in notes.list_noted_results(ADMIN, "A")] == ["u", "v"]
    assert [found.task_id for found in notes.list_noted_results(ADMIN, "A", limit=1)] == ["u"]
    with pytest.raises(NotFoundError, match="no chip 'C'"):
        notes.list_noted_results(ADMIN, "C")


def test_a_note_on_a_result_stays_when_the_run_goes_on(prepared_store: Store, notes: NoteService) -> None:
    results = Repositories(prepared_store).of(TaskResultHistoryRepository)
    notes.edit(access_of("ann"), RESULT, "warm")
    results.replace(make_result("t", status=TaskStatus.PENDING), was=TaskStatus.SCHEDULED)
    assert note_at(prepared_store, RESULT).content == "warm"
    assert getattr(results.find(P, "t"), "status") is TaskStatus.PENDING  # noqa: B009


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.scope.value)
def test_a_note_is_looked_at_and_put_back_as_an_edit_left_it(
    notes: NoteService, clock: Clock, place: NotePlace
) -> None:
    assert notes.show(ADMIN, place).note == Note()
    first = notes.edit(access_of("ann"), place, "noisy")
    assert notes.show(ADMIN, place) == first
    clock.forward(hours=1)
    notes.edit(access_of("bob"), place, "")
    clock.forward(hours=1)
    restored = notes.restore(access_of("bob"), 1)
    assert notes.show(ADMIN, place) == restored
    assert restored.note == Note(content="noisy", updated_by="bob", updated_at=clock.now)
    clock.forward(hours=1)
    assert notes.restore(access_of("bob"), 2).note.content == ""
    assert [event.content for event in notes.list_target_events(ADMIN, place.scope, place.target_id)][:2] == [
        "",
        "noisy",
    ]


def test_only_an_edit_of_the_project_is_put_back(prepared_store: Store, notes: NoteService) -> None:
    notes.edit(access_of("ann"), QUBIT, "noisy")
    for project_id, seq in ((P, 7), ("other", 1)):
        with pytest.raises(NotFoundError, match=f"no edit {seq} of a note in project {project_id}"):
            notes.restore(access_of("ann", project_id), seq)


def test_a_result_of_another_chip_is_not_taken_for_one_of_this(notes: NoteService) -> None:
    with pytest.raises(NotFoundError, match="no task result 't' of chip 'B' in project default: `qdash exec"):
        notes.edit(access_of("ann"), NotePlace(NoteScope.TASK_RESULT, "t", "B"), "x")
    assert notes.show(ADMIN, NotePlace(NoteScope.TASK_RESULT, "t", "A")).place.chip_id == "A"


def test_all_notes_of_a_chip_come_together(
    prepared_store: Store, notes: NoteService, metric_notes: MetricNoteService, clock: Clock
) -> None:
    CooldownService(prepared_store, clock=clock).assign(ADMIN, "1", "A")
    begin = clock.now
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(
        make_result("u", cooldown_id="1", start_at=begin)
    )
    for place in (*PLACES, NotePlace(NoteScope.TASK_RESULT, "u"), NotePlace(NoteScope.QUBIT, "0", "B")):
        clock.forward(minutes=1)
        notes.edit(access_of("ann"), place, "noted")
    clock.forward(hours=1)
    metric = metric_notes.edit(access_of("ann"), "A", "qubit", "1", "t1", "short")
    targets = [notes.show(ADMIN, place) for place in PLACES[:3]]
    early, late = (notes.show(ADMIN, NotePlace(NoteScope.TASK_RESULT, task_id)) for task_id in ("t", "u"))
    assert notes.list_chip_notes(ADMIN, "A") == [*targets, metric, late, early]
    assert notes.list_chip_notes(ADMIN, "A", cooldown_id="1") == [*targets, metric, late]
    assert notes.list_chip_notes(ADMIN, "A", time_range=(begin, clock.now)) == [*targets, metric, late]
    assert notes.list_chip_notes(ADMIN, "A", time_range=(clock.now, None)) == [*targets, metric]
    assert notes.list_chip_notes(ADMIN, "A", written=(clock.now, None)) == [metric]
    assert metric not in notes.list_chip_notes(ADMIN, "A", written=(None, clock.now))
    assert notes.list_chip_notes(ADMIN, "A", written=(begin, begin + timedelta(minutes=2))) == targets[:1]
    with pytest.raises(InvalidInputError, match="the time range is empty"):
        notes.list_chip_notes(ADMIN, "A", written=(clock.now, begin))
    for place in PLACES:
        notes.edit(access_of("ann"), place, "")
    assert notes.list_chip_notes(ADMIN, "A", written=(clock.now, None)) == [metric]
    with pytest.raises(NotFoundError, match=r"no chip 'C' in project default \(known: "):
        notes.list_chip_notes(ADMIN, "C")
