"""Files of notes: attached to the object of a note, and kept with all edits of its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.composition import open_entity
from qdash_builtin.notes.feature import NOTE_FILES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_files import NotedObject
from qdash_core.errors import AccessDeniedError, InvalidInputError, NotFoundError
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings

from ...access import ADMIN, access_of
from ...core.chips.samples import make_chip
from ...photographs import PLACE, make_photograph, make_picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EDITOR = access_of("alice", role=ProjectRole.EDITOR)
VIEWER = access_of("viewer", role=ProjectRole.VIEWER)
QUBIT = NotedObject(NoteScope.QUBIT, "1", "A")
OBJECTS = [
    NotedObject(NoteScope.CHIP, "A"),
    QUBIT,
    NotedObject(NoteScope.QUBIT_METRIC, "1", "A", "t1"),
    NotedObject(NoteScope.COUPLING, "0-1", "A"),
    NotedObject(NoteScope.COUPLING_METRIC, "0-1", "A", "zx90_gate_fidelity"),
    NotedObject(NoteScope.TASK_RESULT, "r1", "A"),
    NotedObject(NoteScope.CRYOSTAT, "K"),
    NotedObject(NoteScope.COOLDOWN, "c1"),
]


@pytest.fixture
def lab(tmp_path: Path, store_url: str) -> Iterator[QDash]:
    """A laboratory with the chip A, a result, a cryostat and a cool-down."""
    settings = Settings(home=tmp_path, store_url=store_url, artifacts_url=f"file://{tmp_path}/files")
    with QDash.open(settings, load_plugins(), new=True) as qdash:
        make_chip(qdash.store, "A")
        open_entity(qdash, CRYOSTAT).create(ADMIN, "K")
        CooldownService(qdash.store).create(ADMIN, "c1", "K")
        qdash.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(
                project_id=ADMIN.project_id, username="admin", chip_id="A", execution_id="e", task_id="r1", qid="1",
                name="CheckT1", status=TaskStatus.COMPLETED,
            )
        )  # fmt: skip
        yield qdash


def attach(lab: QDash, noted: NotedObject, name: str = "cable.png") -> None:
    lab.get(NOTE_FILES).add(EDITOR, noted, name, make_picture())


def list_names(lab: QDash, noted: NotedObject) -> list[str]:
    return [one.name for one in lab.get(NOTE_FILES).list_by_record(VIEWER, noted)]


@pytest.mark.every_store
def test_each_object_of_notes_has_files_of_its_own(lab: QDash) -> None:
    for number, noted in enumerate(OBJECTS):
        attach(lab, noted, f"{number}.png")
    assert [list_names(lab, one) for one in OBJECTS] == [[f"{number}.png"] for number in range(len(OBJECTS))]
    files = lab.get(NOTE_FILES)
    files.add(EDITOR, QUBIT, "photo.jpg", make_photograph())
    stored = b"".join(files.open(VIEWER, QUBIT, "photo.jpg")[1])
    assert PLACE not in stored
    files.delete(EDITOR, QUBIT, "photo.jpg")
    files.delete(EDITOR, QUBIT, "1.png")
    assert list_names(lab, QUBIT) == []
    assert len([*lab.artifacts.paths()]) == len(OBJECTS) - 1


@pytest.mark.every_store
def test_files_stay_when_the_note_is_cleared_and_when_its_chip_is_deleted(lab: QDash) -> None:
    notes = lab.get(NOTES)
    notes.edit(EDITOR, QUBIT.place, "![cable](file:cable.png)")
    attach(lab, QUBIT)
    notes.edit(EDITOR, QUBIT.place, "")
    first = notes.list_target_events(VIEWER, NoteScope.QUBIT, "1")[-1]
    notes.restore(EDITOR, first.seq)
    assert notes.show(VIEWER, QUBIT.place).note.content == "![cable](file:cable.png)"
    lab.get(CHIPS).delete(ADMIN, "A", force=True)
    assert list_names(lab, QUBIT) == ["cable.png"]
    with pytest.raises(NotFoundError, match="no chip 'A'"):
        attach(lab, QUBIT, "late.png")
    lab.get(NOTE_FILES).delete(EDITOR, QUBIT, "cable.png")
    assert [*lab.artifacts.paths()] == []


@pytest.mark.parametrize(
    ("noted", "error", "message"),
    [
        (NotedObject(NoteScope.QUBIT, "77", "A"), NotFoundError, "no qubit '77' of chip 'A'"),
        (NotedObject(NoteScope.QUBIT, "1"), InvalidInputError, "qubit 1 is of no chip: name the chip"),
        (NotedObject(NoteScope.QUBIT, "1", "A", "t1"), InvalidInputError, "a qubit needs no metric"),
        (NotedObject(NoteScope.QUBIT_METRIC, "1", "A"), InvalidInputError, "a qubit metric needs a metric"),
        (NotedObject(NoteScope.QUBIT_METRIC, "1", "A", "t9"), NotFoundError, "no metric 't9'"),
        (NotedObject(NoteScope.TASK_RESULT, "r2"), NotFoundError, "no task result 'r2'"),
        (NotedObject(NoteScope.CRYOSTAT, "L"), NotFoundError, "no cryostat 'L'"),
    ],
)
def test_an_object_that_does_not_exist_gets_no_file(
    lab: QDash, noted: NotedObject, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        attach(lab, noted)
    assert [*lab.artifacts.paths()] == []


def test_viewers_attach_and_remove_nothing(lab: QDash) -> None:
    attach(lab, QUBIT)
    with pytest.raises(AccessDeniedError):
        lab.get(NOTE_FILES).add(VIEWER, QUBIT, "a.png", make_picture())
    with pytest.raises(AccessDeniedError):
        lab.get(NOTE_FILES).delete(VIEWER, QUBIT, "cable.png")
    assert list_names(lab, QUBIT) == ["cable.png"]
