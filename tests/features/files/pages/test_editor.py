"""Editing of a file: validation at its line, conflicts, and commits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.files.pages import files
from qdash_builtin.files.pages.file_editor import discard_text, keep_text, save_text
from qdash_ui_streamlit.components.editor import EditedText

from ....ui.problems import list_problems
from .drawn_page import find_data, list_labels, read_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_builtin.files.pages.file_place import FilePlace

    from .conftest import FilePages

pytestmark = pytest.mark.slow

PATH = "params/t1.yaml"
SAVED = "Q00: 31.5\n"


def make_version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Editing:
    """Edits of a file by a user; the callbacks of the editor run before the page.

    Parameters
    ----------
    place : FilePlace
        File.
    drawn : AppTest
        Page.
    actions : list
        Calls of the next run.
    """

    place: FilePlace
    drawn: AppTest
    actions: list[Callable[[], None]]

    @classmethod
    def begin(cls, pages: FilePages, path: str = PATH, root: str = "lab") -> Editing:
        place = pages.make_place(path, root=root)
        actions: list[Callable[[], None]] = []

        def render(view: object) -> None:
            while actions:
                actions.pop(0)()
            files.render(place.view)

        drawn = pages.pages.draw(render, place.view, root=root, file=path, view="edit")
        return cls(place, drawn, actions)

    def type_text(self, text: str, version: str) -> None:
        saved = find_data(self.drawn, "save_label")["text"]
        self.actions.append(lambda: keep_text(self.place, EditedText(text, version), saved=saved))
        self.drawn.run()

    def save(self, text: str, version: str) -> None:
        self.actions.append(lambda: save_text(self.place, EditedText(text, version)))
        self.drawn.run()

    def discard(self) -> None:
        self.actions.append(lambda: discard_text(self.place))
        self.drawn.run()

    def write_reason(self, reason: str) -> None:
        self.drawn.text_input[0].input(reason).run()

    @property
    def shown(self) -> dict[str, Any]:
        return find_data(self.drawn, "save_label")


def test_a_saved_text_becomes_a_version_with_its_reason(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    editing.write_reason("after the cool-down")
    editing.save("Q00: 33.1\n", make_version(SAVED))
    assert (file_pages.lab / PATH).read_text() == "Q00: 33.1\n"
    assert file_pages.list_versions(PATH) == [
        ("written", "editor", "after the cool-down"),
        ("found", "", ""),
    ]
    assert (editing.shown["text"], editing.shown["draft"]) == ("Q00: 33.1\n", None)
    assert editing.shown["version"] == make_version("Q00: 33.1\n")
    assert [one.value for one in editing.drawn.toast] == ["Saved."]
    assert editing.drawn.text_input[0].value == ""


def test_a_violation_of_the_format_is_marked_while_typing_and_not_saved(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    editing.type_text("Q00: 31.5\nQ01: [\n", make_version(SAVED))
    (annotation,) = editing.shown["annotations"]
    assert annotation["line"] in (2, 3)
    assert annotation["message"]
    editing.save("Q00: 31.5\nQ00: 32\n", make_version(SAVED))
    (annotation,) = editing.shown["annotations"]
    assert (annotation["line"], annotation["severity"]) == (2, "error")
    assert any("line 2" in one for one in list_problems(editing.drawn))
    assert editing.shown["draft"] == "Q00: 31.5\nQ00: 32\n"
    assert (file_pages.lab / PATH).read_text() == SAVED


def test_an_unsaved_text_waits_for_its_user_and_is_discarded_on_request(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    assert "Discard changes" not in list_labels(editing.drawn)
    editing.type_text("Q00: 32\n", make_version(SAVED))
    assert editing.shown["draft"] == "Q00: 32\n"
    assert "Discard changes" in list_labels(editing.drawn)
    before = [one.proto.id for one in editing.drawn.get("bidi_component")]
    editing.discard()
    assert editing.shown["draft"] is None
    assert [one.proto.id for one in editing.drawn.get("bidi_component")] != before, "opened anew"
    editing.type_text("Q00: 33\n", make_version(SAVED))
    editing.type_text(SAVED, make_version(SAVED))
    assert editing.shown["draft"] is None


def test_after_a_change_by_somebody_else_the_user_chooses(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    theirs = "Q00: 40\n"
    (file_pages.lab / PATH).write_text(theirs)
    editing.save("Q00: 32\n", make_version(SAVED))
    assert (file_pages.lab / PATH).read_text() == theirs
    assert list_problems(editing.drawn)[0].startswith("Somebody else changed the file")
    html = read_html(editing.drawn)
    assert "<del>-Q00: 40</del>" in html
    assert "<ins>+Q00: 32</ins>" in html
    shown = editing.shown
    assert (shown["text"], shown["draft"], shown["save_label"]) == (
        theirs,
        "Q00: 32\n",
        "Overwrite with mine",
    )
    assert "Keep theirs" in list_labels(editing.drawn)
    editing.save("Q00: 32\n", make_version(theirs))
    assert (file_pages.lab / PATH).read_text() == "Q00: 32\n"
    assert [one[0] for one in file_pages.list_versions(PATH)] == ["written", "found"]
    assert not list_problems(editing.drawn)


def test_a_typed_text_that_arrives_after_its_save_is_not_a_conflict(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    editing.save("Q00: 32\n", make_version(SAVED))
    edited = EditedText("Q00: 32\n", make_version(SAVED))
    editing.actions.append(lambda: keep_text(editing.place, edited, saved=SAVED))
    editing.drawn.run()
    assert not list_problems(editing.drawn)
    assert editing.shown["draft"] is None


def test_theirs_can_be_kept(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages)
    editing.type_text("Q00: 32\n", make_version(SAVED))
    (file_pages.lab / PATH).write_text("Q00: 40\n")
    editing.drawn.run()
    assert list_problems(editing.drawn)[0].startswith("Somebody else changed the file")
    editing.discard()
    assert (editing.shown["text"], editing.shown["draft"]) == ("Q00: 40\n", None)
    assert not list_problems(editing.drawn)


def test_a_new_file_is_not_written_over_one_that_appeared(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages, "new/a.json")
    (file_pages.lab / "new").mkdir()
    (file_pages.lab / "new/a.json").write_text("[1]")
    editing.save("[]", "")
    assert (file_pages.lab / "new/a.json").read_text() == "[1]"
    assert (editing.shown["text"], editing.shown["draft"]) == ("[1]", "[]")
    editing = Editing.begin(file_pages, "b/c.json")
    editing.save("[2]", "")
    assert (file_pages.lab / "b/c.json").read_text() == "[2]"


def test_a_text_of_a_git_work_tree_is_committed_with_its_reason(file_pages: FilePages) -> None:
    editing = Editing.begin(file_pages, "chip.toml", root="config")
    assert editing.shown["save_label"] == "Commit"
    version = make_version("qubits = 4\n")
    editing.save("qubits = 5\n", version)
    assert list_problems(editing.drawn) == ["Enter a reason: it becomes the message of the commit."]
    assert (file_pages.config / "chip.toml").read_text() == "qubits = 4\n"
    editing.write_reason("one more qubit")
    editing.save("qubits = 5\n", version)
    assert [one.value for one in editing.drawn.toast] == ["Committed."]
    changes = file_pages.list_versions("chip.toml", "config")
    assert ("committed", "editor", "one more qubit") in changes
    drawn = file_pages.draw(root="config")
    assert "Commit all …" not in list_labels(drawn)


def test_a_refused_commit_does_not_hide_that_the_text_is_saved(file_pages: FilePages) -> None:
    (file_pages.config / "chip.toml").write_text("qubits = 5\n")
    editing = Editing.begin(file_pages, "chip.toml", root="config")
    editing.write_reason("back")
    editing.save("qubits = 4\n", make_version("qubits = 5\n"))
    (problem,) = list_problems(editing.drawn)
    assert problem.startswith("The file is changed, but not committed:")
    assert (file_pages.config / "chip.toml").read_text() == "qubits = 4\n"
    assert editing.shown["draft"] is None
