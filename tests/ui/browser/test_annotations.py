"""Annotations on plots over time in the browser: texts and links by pointer and keyboard, bundles, and the remembered legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .test_every_page import find_violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)> warm pump"
CHIP = "annotated"
HISTORY = f"/qubit?chip={CHIP}&qubit=1&metric=t1"


@pytest.fixture(scope="module", autouse=True)
def annotated_chip(dashboard: Dashboard) -> Iterator[None]:
    """A chip with five values of T1 of qubit 1, which a user set, and a note between them."""
    dashboard.qdash.does("twin", "create", CHIP, "--device", "jakarta", "--seed", "5")
    for number in range(5):
        dashboard.qdash.does(
            "values", "set", CHIP, "1", f"t1={50 + number}±1", "--reason", "by hand", "--yes"
        )
        if number == 2:
            dashboard.qdash.does("note", "edit", CHIP, "--qid", "1", HOSTILE)
    yield
    dashboard.qdash.does("chip", "delete", CHIP, "--force", "--yes")


def find_marks(page: Page) -> Locator:
    return page.locator(".qdash-annotations button")


def count_annotations(page: Page) -> int:
    """Return the number of annotations on a plot, those in bundles too."""
    texts = find_marks(page).all_inner_texts()
    return sum(int(one) if one.isdigit() else 1 for one in texts)


def open_history(person: Person) -> Page:
    page = person.log_in_directly("admin").open(HISTORY)
    page.locator(".qdash-figure").first.scroll_into_view_if_needed()
    find_marks(page).first.wait_for()
    return page


def test_the_pointer_and_the_keyboard_show_texts_with_links(person: Person) -> None:
    page = open_history(person)
    assert count_annotations(page) == 6
    marks = find_marks(page)
    marks.first.hover()
    texts = page.locator(".qdash-annotations .texts")
    expect(texts).to_contain_text("set by hand: T1 of qubit 1")
    page.mouse.move(0, 0)
    expect(texts).to_have_count(0)
    marks.first.focus()
    for _ in range(marks.count()):
        if HOSTILE in (texts.text_content() if texts.count() else ""):
            break
        page.keyboard.press("ArrowRight")
    expect(texts).to_contain_text(HOSTILE)
    assert [rule for rule, _ in find_violations(page)] == []
    page.keyboard.press("Escape")
    expect(texts).to_have_count(0)
    page.keyboard.press("Enter")
    texts.get_by_role("link", name="warm pump").click()
    page.wait_for_url("**/notes?note=*")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()


def test_a_kind_that_the_legend_hides_is_hidden_on_every_plot(person: Person) -> None:
    page = open_history(person)
    notes = page.get_by_role("button", name="notes (1)")
    notes.click()
    expect(notes).to_have_attribute("aria-pressed", "false")
    assert count_annotations(page) == 5
    page = person.open(f"/trends?chip={CHIP}&metric=t1")
    find_marks(page).first.wait_for()
    assert count_annotations(page) == 5
    page.get_by_role("button", name="notes (1)").click()
    assert count_annotations(page) == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_with_annotations_are_accessible(person: Person, scheme: str) -> None:
    person.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    person.log_in_directly("admin")
    for address in (
        HISTORY,
        f"/metrics?chip={CHIP}&metric=t1&view=time",
        f"/trends?chip={CHIP}&metric=t1",
    ):
        page = person.open(address)
        page.locator(".qdash-figure, .trends").first.scroll_into_view_if_needed()
        find_marks(page).first.wait_for()
        assert [rule for rule, _ in find_violations(page, scheme)] == [], address
