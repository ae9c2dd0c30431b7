"""Open pages of one chip in the browser: each shows a change by a command without a reload."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .person import PATIENCE_MS
from .test_review import TASK, flag_results

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow
CHIP = "live"
SOON_MS = PATIENCE_MS
"""Time in which an open page shows a change; an idle machine takes less than five seconds."""

_REDRAWN_MS = 5_000
"""Time after which a page without a dialog has been drawn again."""


@pytest.fixture(scope="module")
def flagged(dashboard: Dashboard) -> str:
    """The flagged result of the only measured qubit of a twin."""
    flag_results(dashboard, CHIP, "jakarta", ["0"])
    (result,) = dashboard.host.get(f"/task-results?chip_id={CHIP}&task={TASK}&target=0")["items"]
    return str(result["task_id"])


@pytest.fixture
def reader(person: Person, flagged: str) -> Person:
    """A user who is logged in, and only looks."""
    return person.log_in_directly("vera")


def open_tab(person: Person, address: str) -> Page:
    """Open an address in a further tab of the browser."""
    return replace(person, page=person.page.context.new_page()).open(address)


def expect_signs(page: Page, signs: str) -> None:
    """Wait until the signs of qubit 0 on an open map match a pattern."""
    mark = page.get_by_test_id("target-0")
    expect(mark).to_have_attribute("data-signs", re.compile(signs), timeout=SOON_MS)


def expect_word(page: Page, word: str, *, shown: bool = True) -> None:
    """Wait until the page shows a word, or shows it nowhere."""
    found = page.get_by_test_id("stMain").get_by_text(re.compile(rf"\b{word}\b"))
    if shown:
        expect(found.first).to_be_visible(timeout=SOON_MS)
    else:
        expect(found).to_have_count(0, timeout=SOON_MS)


def test_an_exclusion_and_an_inclusion_reach_the_open_map_and_the_page_of_the_target(
    reader: Person, dashboard: Dashboard
) -> None:
    chip_map = reader.open(f"/chip?chip={CHIP}")
    target = open_tab(reader, f"/qubit?chip={CHIP}&qubit=0")
    expect_signs(chip_map, "flagged")
    dashboard.qdash.does("chip", "exclude", CHIP, "0", "--note", "an open line")
    expect_signs(chip_map, "excluded")
    expect_word(target, "excluded")
    expect_word(target, "an open line")
    drawn_meanwhile = reader.page.context.new_page()
    drawn_meanwhile.goto(target.url, wait_until="commit")
    dashboard.qdash.does("chip", "include", CHIP, "0", "--note", "closed again")
    expect_signs(chip_map, "^(?!.*excluded)")
    for page in (target, drawn_meanwhile):
        expect_word(page, "closed again")
        expect_word(page, "excluded", shown=False)


@pytest.mark.parametrize("address", [f"/chip?chip={CHIP}&target=0", f"/qubit?chip={CHIP}&qubit=0"])
def test_an_event_leaves_an_open_dialog_with_what_was_typed(
    person: Person, dashboard: Dashboard, flagged: str, address: str
) -> None:
    page = person.log_in_directly("ed").open(address)
    page.get_by_role("button", name="Exclude …").click()
    reason = page.get_by_role("dialog").get_by_role("textbox", name="Reason")
    reason.fill("an open line")
    text = f"written while a dialog is open at {address}"
    dashboard.qdash.does("note", "edit", CHIP, "--qid", "0", text)
    page.wait_for_timeout(_REDRAWN_MS)
    expect(reason).to_have_value("an open line")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text(text)).to_be_visible(timeout=SOON_MS)


def test_a_note_and_a_release_appear_on_the_open_pages(reader: Person, dashboard: Dashboard) -> None:
    target = reader.open(f"/qubit?chip={CHIP}&qubit=0")
    notes = open_tab(reader, f"/chip?chip={CHIP}&view=notes")
    releases = open_tab(reader, f"/chip?chip={CHIP}&view=releases")
    expect_word(releases, "No releases yet")
    dashboard.qdash.does("note", "edit", CHIP, "--qid", "0", "beside a warm amplifier")
    expect_word(target, "beside a warm amplifier")
    expect_word(notes, "beside a warm amplifier")
    dashboard.qdash.does("release", "create", CHIP, "--name", "before-the-visit")
    expect_word(releases, "before-the-visit")


def test_a_page_shows_changes_before_its_stream_has_begun(reader: Person, dashboard: Dashboard) -> None:
    reader.page.add_init_script("delete window.SharedWorker")  # a route sees the requests of pages alone
    held: list[Route] = []
    reader.page.route("**/live/events*", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks functions
    target = reader.open(f"/qubit?chip={CHIP}&qubit=0")
    text = "written before the page hears of it"
    dashboard.qdash.does("note", "edit", CHIP, "--qid", "0", text)
    while not held:
        target.wait_for_timeout(50)  # routes are told of while the browser is asked for something
    held[0].continue_()
    expect_word(target, text)


def test_after_a_rejection_no_open_page_says_flagged(
    reader: Person, dashboard: Dashboard, flagged: str
) -> None:
    chip_map = reader.open(f"/chip?chip={CHIP}")
    pages = {
        address: open_tab(reader, address)
        for address in (
            f"/result?result={flagged}",
            f"/executions?view=results&chip={CHIP}",
            f"/qubit?chip={CHIP}",
            f"/qubit?chip={CHIP}&qubit=0",
        )
    }
    review = open_tab(reader, f"/review?chip={CHIP}").get_by_test_id("review-item")
    expect(review).to_contain_text("flagged")
    expect_signs(chip_map, "flagged")
    for page in pages.values():
        expect_word(page, "flagged")
    dashboard.qdash.does("values", "reject", flagged, "--reason", "another resonator")
    expect_signs(chip_map, "^(?!.*flagged)")
    for page in pages.values():
        expect_word(page, "flagged", shown=False)
    expect(review).to_contain_text("rejected by admin: another resonator", timeout=SOON_MS)
    expect(review).not_to_contain_text("flagged")
