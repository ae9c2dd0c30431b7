"""Files of notes in the browser: pasted while the note is written, shown with it, in its history and in the timeline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...photographs import make_picture
from .test_every_page import find_violations
from .test_issues import expect_drawn, transfer

if TYPE_CHECKING:
    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow


def test_a_picture_is_pasted_into_a_note_and_shown_wherever_the_note_is(
    person: Person, dashboard: Dashboard
) -> None:
    dashboard.qdash.does("cryostat", "create", "K-note-files")
    dashboard.qdash.does("cryostat", "note", "K-note-files", "Flange:")
    page = person.log_in_directly("ed").open("/notes")
    card = page.locator("[class*=st-key-note-]").filter(has_text="K-note-files")
    card.get_by_role("button", name="Edit").click()
    label = "Note on cryostat K-note-files"
    field = page.get_by_role("textbox", name=label)
    expect(field).to_have_value("Flange:")
    field.evaluate("field => field.setSelectionRange(7, 7)")
    transfer(page, label, "paste", "image.png", make_picture(size=(60, 30)))
    expect(field).to_have_value("Flange:\n![image.png](file:image.png)\n")
    person.wait_until_drawn()
    page.get_by_role("button", name="Save", exact=True).click()
    expect_drawn(page, "image.png")
    person.wait_until_drawn()
    page = person.open("/cryostats?cryostat=K-note-files")
    page.get_by_text("Edit history").click()
    expect(page.get_by_role("img", name="image.png")).to_have_count(2)
    person.wait_until_drawn()
    assert {rule for rule, _ in find_violations(page)} <= {"list", "listitem"}

    page = person.log_in_directly("vera").open("/notes")
    expect_drawn(page, "image.png")
    assert page.locator("input[type=file]").count() == 0
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="image.png").first.click()
    opened.value.wait_for_function("() => document.images[0]?.naturalWidth === 60")
    assert re.search(r"/host/[^/]+/note-files/cryostat/K-note-files/image\.png$", opened.value.url)
    opened.value.close()
    (shown,) = dashboard.host.get("/note-files/cryostat/K-note-files")["items"]
    assert (shown["name"], shown["username"]) == ("image.png", "ed")
