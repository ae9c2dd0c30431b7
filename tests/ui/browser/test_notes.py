"""Notes in the browser: written, found by their words, edited and cleared after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .test_every_page import find_violations

if TYPE_CHECKING:
    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.release
HOSTILE = "<img src=x onerror=alert(1)> warm pump"


def test_a_note_is_edited_and_cleared_on_the_page_of_all_notes(person: Person, dashboard: Dashboard) -> None:
    dashboard.qdash.does("twin", "create", "noted", "--device", "jakarta", "--seed", "5")
    dashboard.qdash.does("note", "edit", "noted", "--qid", "3", HOSTILE)
    page = person.log_in_directly("admin").open("/notes?chip=noted&q=PUMP")
    card = page.locator("[class*=st-key-note-]").filter(has_text="qubit 3")
    expect(card).to_contain_text(HOSTILE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        person.wait_until_drawn()
        assert find_violations(page) == []
    card.get_by_role("button", name="Edit").click()
    field = page.get_by_role("textbox", name="Note on qubit 3")
    field.fill("cold pump")
    field.press("Tab")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("cold pump").first).to_be_visible()
    page = person.open("/notes?chip=noted")
    page.get_by_role("button", name="Clear …").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("The note was cleared.")).to_be_visible()
    person.open("/notes?chip=noted").get_by_text("No notes match the filters").wait_for()
    assert dashboard.host.get("/chips/noted/qubits/3/note")["note"]["content"] == ""
