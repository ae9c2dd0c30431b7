"""Editor of texts in the browser: typing, saving, marks and the way out, with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .editor_server import serve_editor
from .person import Person
from .test_api_pages import RECORD_VIOLATIONS
from .test_every_page import find_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page

pytestmark = pytest.mark.slow

TEXT = "qubits:\n  - 1\n"
NAME = "chip.yaml: press Escape, then Tab to leave the editor"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_editor(tmp_path_factory.mktemp("editor")) as url:
        yield url


@pytest.fixture
def writer(chromium: Browser, server: str) -> Iterator[Person]:
    """A user whose browser reports no error, and connects to the server only."""
    person = Person.with_browser(chromium, server)
    yield person
    person.page.context.close()
    assert person.complaints == []
    assert person.foreign_requests == []


def open_editor(writer: Person, query: str = "") -> Page:
    page = writer.open(f"/{query}")
    page.locator(".cm-content").wait_for()
    return page


def read_text(page: Page) -> str:
    return "\n".join(page.locator(".cm-line").all_text_contents())


def read_calls(page: Page) -> list[str]:
    return page.get_by_test_id("stCode").all_inner_texts()


def type_at_end(page: Page, text: str) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def test_a_text_is_edited_and_saved_and_the_editor_left_with_the_keyboard(writer: Person) -> None:
    page = open_editor(writer)
    box = page.get_by_role("textbox", name=NAME)
    for _ in range(20):
        page.keyboard.press("Tab")
        if box.evaluate("one => one.getRootNode().activeElement === one"):
            break
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.keyboard.type("- 2")
    expect(page.get_by_role("status").last).to_have_text("● Unsaved changes")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").last).to_have_text("No unsaved changes")
    page.get_by_text(r"saved 1 'qubits:\n  - 1\n  - 2'").wait_for()
    expect(box).to_be_focused()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("status").last).to_have_text("● Unsaved changes")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_text("saved 2").wait_for()


def test_python_is_indented_by_four_spaces(writer: Person) -> None:
    page = open_editor(writer, "?python=1")
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("def flow():\npass")
    assert read_text(page) == "def flow():\n    pass"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("return")
    assert read_text(page).splitlines()[-1] == "        return"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert read_text(page).splitlines()[-1] == "return"


def test_the_typed_text_survives_reruns_and_its_own_save(writer: Person) -> None:
    page = open_editor(writer)
    type_at_end(page, "one: 1")
    page.get_by_text(r"changed 1 'qubits:\n  - 1\none: 1'").wait_for()
    page.get_by_role("button", name="Rerun").click()
    writer.wait_until_drawn()
    assert read_text(page).endswith("one: 1")
    type_at_end(page, "2")
    page.keyboard.press("Control+s")
    page.keyboard.type("3")
    page.get_by_text(r"saved 1 'qubits:\n  - 1\none: 12'").wait_for()
    page.get_by_text(r"changed 2 'qubits:\n  - 1\none: 123'").wait_for()
    assert read_text(page).endswith("one: 123")


def test_a_refused_text_stays_and_a_new_version_replaces_it(writer: Person) -> None:
    page = open_editor(writer)
    type_at_end(page, "refused")
    page.keyboard.press("Control+s")
    page.get_by_text("saved 1").wait_for()
    expect(page.get_by_role("status").last).to_have_text("● Unsaved changes")
    assert read_text(page).endswith("refused")
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_role("status").last).to_have_text("No unsaved changes")
    assert read_text(page) == "theirs\n"


def test_line_ends_are_kept(writer: Person) -> None:
    page = open_editor(writer, "?text=crlf")
    type_at_end(page, "c: 3")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    page.get_by_text(r"saved 1 'a: 1\r\nb: 2\r\nc: 3\r\n'").wait_for()


def test_messages_are_marked_at_their_lines_and_lead_there(writer: Person) -> None:
    page = open_editor(writer, "?marked=1")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(2)
    page.get_by_role("button", name="Line 2, column 5: no such qubit").press("Enter")
    page.keyboard.type("2")
    expect(page.locator(".cm-line").nth(1)).to_have_text("  - 21")
    page.get_by_role("button", name="Line 9: the end is missing").click()
    page.keyboard.type("end")
    expect(page.locator(".cm-line").nth(2)).to_have_text("end")


def test_completions_are_offered_while_typing(writer: Person) -> None:
    page = open_editor(writer)
    type_at_end(page, "fre")
    page.get_by_role("option", name=re.compile("frequency")).wait_for()
    page.wait_for_timeout(200)  # the editor takes Enter as a new line while the list has just opened
    page.keyboard.press("Enter")
    page.get_by_text(r"changed 1 'qubits:\n  - 1\nfrequency'").wait_for()


def test_a_text_to_read_cannot_be_changed(writer: Person) -> None:
    page = open_editor(writer, "?read_only=1")
    box = page.get_by_role("textbox", name="chip.yaml: read only")
    box.focus()
    page.keyboard.type("x")
    page.keyboard.press("Control+s")
    assert read_text(page) == TEXT
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(box).not_to_be_focused()
    assert read_calls(page) == []


def test_the_editor_asks_before_unsaved_changes_are_left(writer: Person) -> None:
    page = open_editor(writer)
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", refuse)
    type_at_end(page, "x")
    page.get_by_role("link", name="Other page").click()
    page.evaluate("() => setTimeout(() => location.reload())")
    page.wait_for_event("dialog")
    assert asked == ["confirm", "beforeunload"]
    assert writer.address == "/"
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").last).to_have_text("No unsaved changes")
    page.get_by_role("link", name="Other page").click()
    page.wait_for_url("**/?other=1")
    assert asked == ["confirm", "beforeunload"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_is_accessible_and_follows_the_colours(scheme: str, writer: Person) -> None:
    writer.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page = open_editor(writer, "?marked=1")
    type_at_end(page, "fre")
    page.get_by_text("changed 1").wait_for()
    writer.wait_until_drawn()  # what is being drawn again is pale
    page.get_by_role("option", name=re.compile("frequency")).wait_for()
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+f")
    page.locator(".cm-search input").first.wait_for()
    assert find_violations(page) == []
    background = page.locator(".cm-editor").evaluate("one => getComputedStyle(one).backgroundColor")
    assert background == ("rgb(17, 22, 26)" if scheme == "dark" else "rgb(255, 255, 255)")


def test_the_library_works_under_a_strict_policy(writer: Person) -> None:
    page = writer.page
    page.add_init_script(RECORD_VIOLATIONS)
    page.goto(f"{writer.url}/strict")
    page.locator(".cm-lint-marker-error").wait_for()
    assert page.evaluate("violations") == []
    assert page.locator(".cm-scroller").evaluate("one => getComputedStyle(one).display") == "flex"
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    assert page.evaluate("violations") == []
