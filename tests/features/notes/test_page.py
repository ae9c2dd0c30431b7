"""Notes page: timeline, filters in the address, writing, editing and clearing."""

from __future__ import annotations

from functools import partial

import pytest

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.pages import notes

from ..journal import SPITEFUL, Journal, join_html, join_texts, list_buttons, press

pytestmark = pytest.mark.slow


def test_a_project_without_notes_says_how_to_write_one(journal: Journal) -> None:
    assert "There are no notes yet" in join_texts(journal.pages.page(notes.render, "viewer"))
    page = journal.pages.page(notes.render, "editor", chip="a")
    assert "No notes match the filters" in join_texts(page)
    page.selectbox(key="notes.scope").set_value(NoteScope.QUBIT).run()
    page.text_input(key="notes.target").set_value("1").run()
    page = press(page, "Write")
    page.text_area[0].input("two-level system")
    press(page, "Save")
    assert journal.read_note(NoteScope.QUBIT, "1") == "two-level system"


def test_the_address_filters_the_timeline(journal: Journal) -> None:
    journal.note(NoteScope.QUBIT, "0", "warm pump")
    journal.note(NoteScope.QUBIT, "0", "cold pump", by="owner")
    journal.note(NoteScope.TASK_RESULT, "r1", SPITEFUL)
    page = partial(journal.pages.page, notes.render, "viewer")
    drawn = page()
    text = join_html(drawn)
    assert text.index("CheckT1 on 0") < text.index("qubit 0")
    assert "cold pump" in text
    assert "warm pump" not in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert list_buttons(drawn) == []
    for address, expected in (
        ({"all": "on", "q": "PUMP"}, ("warm pump", "cold pump", "replaced or cleared")),
        ({"user": "owner"}, ("cold pump",)),
        ({"kind": "task_result"}, ("CheckT1 on 0",)),
        ({"chip": "a", "target": "0"}, ("cold pump", "CheckT1 on 0")),
    ):
        drawn = page(**address)
        shown = f"{join_texts(drawn)}{join_html(drawn)}"
        assert [one in shown for one in expected] == [True] * len(expected)
        assert ("cold pump" in shown) is ("cold pump" in expected)
    replaced = page(q="nothing", note="1")  # as a citation of the assistant names it
    assert "Note 1" in join_texts(replaced)
    assert "warm pump" in join_html(replaced)
    assert "There is no note" in join_texts(page(note=SPITEFUL))
    assert "No notes match" in join_texts(page(since="2050-01-01T00:00:00Z"))
    assert "There is no word" in join_texts(page(q="…"))


def test_an_editor_edits_notes_and_confirms_before_clearing_them(journal: Journal) -> None:
    journal.note(NoteScope.QUBIT, "0", "warm pump")
    page = press(journal.pages.page(notes.render, "editor"), "Edit")
    assert page.text_area[0].value == "warm pump"
    page.text_area[0].input("cold pump")
    press(page, "Save")
    assert journal.read_note(NoteScope.QUBIT, "0") == "cold pump"
    page = press(journal.pages.page(notes.render, "editor"), "Clear …")
    assert list_buttons(page)[-2:] == ["Clear", "Go back"]
    assert journal.read_note(NoteScope.QUBIT, "0") == "cold pump", "after confirmation only"
