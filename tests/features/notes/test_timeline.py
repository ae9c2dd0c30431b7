"""Timeline of the notes of a project: filtered, in pages, current texts apart from replaced ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_builtin.notes.timeline import NoteFilter
from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.chips.samples import METRICS, make_chip

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

CHIP, QUBIT = NotePlace(NoteScope.CHIP, "A"), NotePlace(NoteScope.QUBIT, "1", "A")
COUPLING, RESULT = NotePlace(NoteScope.COUPLING, "0-1", "A"), NotePlace(NoteScope.TASK_RESULT, "t")
ALL = PageRequest(limit=200)


@pytest.fixture
def notes(prepared_store: Store, clock: Clock) -> NoteService:
    """Notes an hour apart: of chips A and B, of two authors, one replaced, one cleared, one on a result of qubit 1."""
    for chip_id in "AB":
        make_chip(prepared_store, chip_id)
    result = {"project_id": "default", "username": "ann", "chip_id": "A", "execution_id": "e", "task_id": "t"}
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(
        TaskResultModel.model_validate({**result, "name": "CheckT1", "qid": "1"})
    )
    service = NoteService(prepared_store, clock=clock)
    metrics = MetricNoteService(prepared_store, metrics=METRICS, clock=clock)
    for username, place, text in (
        ("ann", QUBIT, "Warm pump"),
        ("bob", QUBIT, "cold PUMP"),
        ("ann", COUPLING, "strong zz"),
        ("ann", COUPLING, ""),
        ("ann", RESULT, "the pump was off"),
        ("bob", NotePlace(NoteScope.QUBIT, "1", "B"), "noisy"),
        ("bob", CHIP, "冷却水の温度"),
    ):
        service.edit(access_of(username), place, text)
        clock.forward(hours=1)
    metrics.edit(access_of("ann"), "A", "qubit", "1", "t1", "short")
    return service


def list_texts(notes: NoteService, **wanted: object) -> list[str]:
    page = notes.get_timeline_page(ADMIN, ALL, NoteFilter(**wanted))  # type: ignore[arg-type]
    return [one.event.content for one in page.items]


@pytest.mark.every_store
def test_current_notes_are_told_from_replaced_and_cleared_ones(notes: NoteService) -> None:
    page = notes.get_timeline_page(ADMIN, ALL, NoteFilter())
    assert [(one.event.content, one.is_current) for one in page.items] == [
        ("short", True),
        ("冷却水の温度", True),
        ("noisy", True),
        ("the pump was off", True),
        ("", False),
        ("strong zz", False),
        ("cold PUMP", True),
        ("Warm pump", False),
    ]
    assert list_texts(notes, current=True) == [one.event.content for one in page.items if one.is_current]


@pytest.mark.every_store
def test_notes_are_filtered(notes: NoteService, clock: Clock) -> None:
    assert list_texts(notes, text="pump") == ["the pump was off", "cold PUMP", "Warm pump"]
    assert list_texts(notes, text="PUMP  cold") == ["cold PUMP"]
    assert list_texts(notes, text="温度") == ["冷却水の温度"]
    assert list_texts(notes, author="bob", current=True) == ["冷却水の温度", "noisy", "cold PUMP"]
    assert list_texts(notes, chip_id="A", target_id="1", current=True) == [
        "short",
        "the pump was off",
        "cold PUMP",
    ]
    assert list_texts(notes, scopes=[NoteScope.CHIP, NoteScope.QUBIT_METRIC]) == ["short", "冷却水の温度"]
    since = clock.now - timedelta(hours=2)
    assert list_texts(notes, time_range=(since, clock.now)) == ["冷却水の温度", "noisy"]
    assert not list_texts(notes, chip_id="C")


@pytest.mark.every_store
def test_filtered_pages_are_complete(notes: NoteService) -> None:
    found, request = [], PageRequest(limit=2)
    while True:
        page = notes.get_timeline_page(ADMIN, request, NoteFilter(author="ann"))
        assert len(page.items) <= 2
        found += [one.event.content for one in page.items]
        if page.next is None:
            break
        request = PageRequest(limit=2, after=page.next)
    assert found == ["short", "the pump was off", "", "strong zz", "Warm pump"]


def test_other_projects_have_a_timeline_of_their_own(notes: NoteService) -> None:
    assert not notes.get_timeline_page(access_of("admin", "other"), ALL, NoteFilter()).items


def test_the_notes_of_a_deleted_chip_are_not_current(prepared_store: Store, notes: NoteService) -> None:
    with prepared_store.transaction() as transaction:
        transaction.delete("chip", {"project_id": "default", "chip_id": "A"})
    assert "冷却水の温度" not in list_texts(notes, current=True)
    assert "冷却水の温度" in list_texts(notes)


def test_invalid_filters_are_refused(notes: NoteService, clock: Clock) -> None:
    with pytest.raises(InvalidInputError, match="no word in '…'"):
        list_texts(notes, text="…")
    with pytest.raises(InvalidInputError, match="time range is empty"):
        list_texts(notes, time_range=(clock.now, clock.now))
