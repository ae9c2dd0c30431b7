"""Search in the browser: opened by the keyboard, found by parts of words, followed without a reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .test_every_page import find_violations

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from .person import Person

SELECTED = "[role=option][aria-selected=true]"
TEXTS = {
    "": "[role=option] >> text=Timetables",
    "t1 1": "[role=option] >> text=T1 of qubit 1",
    "zzzz": "text=No page, record or command contains",
}
"""Text of a search, and what its answer shows."""


def search(page: Page, text: str) -> None:
    field = page.get_by_role("combobox", name="Search")
    if not field.is_visible():
        page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    field.fill(text)


@pytest.mark.slow
def test_the_keyboard_opens_the_search_and_leads_to_a_match(admin: Person) -> None:
    page = admin.open("/flows?chip=bench")
    page.evaluate("window.stays = true")
    search(page, "read")
    options = page.get_by_role("option")
    expect(options.filter(has_text="Readout frequency").first).to_be_visible()
    page.get_by_role("combobox", name="Search").fill("ualit")
    expect(page.get_by_role("status").filter(has_text="No page, record or command contains")).to_be_visible()
    search(page, "t1 1")
    expect(page.locator(SELECTED)).to_contain_text("T1 of qubit 1")
    page.keyboard.press("ArrowDown")
    expect(page.locator(SELECTED)).to_contain_text(
        re.compile(r"#\d+ T1")
    )  # other tests may have opened further issues
    page.keyboard.press("ArrowUp")
    expect(page.locator(SELECTED)).to_contain_text("T1 of qubit 1")
    active = page.get_by_role("combobox", name="Search").get_attribute("aria-activedescendant")
    assert active == page.locator(SELECTED).get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/qubit\?chip=bench&qubit=1&metric=t1"))
    page.get_by_role("heading", level=1, name="Qubit 1").wait_for()
    assert page.evaluate("window.stays")
    expect(page.get_by_role("combobox", name="Search")).to_be_hidden()


@pytest.mark.slow
def test_enter_waits_for_the_answer_to_the_last_letter(admin: Person) -> None:
    page = admin.open("/flows?chip=bench")

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/host/*/search?*", answer_late)
    search(page, "q1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/qubit\?chip=bench&qubit=1"))


@pytest.mark.slow
def test_pages_are_found_without_the_host(admin: Person) -> None:
    page = admin.open("/flows")
    page.route(
        "**/host/*/search?*",
        lambda route: route.fulfill(status=404, json={"type": "/problems/not-offered", "detail": "blocked"}),
    )
    page.get_by_role("button", name="Search").click()
    search(page, "imetab")
    expect(page.locator(SELECTED)).to_have_text("TimetablesFlows")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/timetables"))
    page.get_by_role("heading", level=1, name="Timetables").wait_for()
    admin.complaints[:] = [one for one in admin.complaints if not one.of.endswith("/search")]


@pytest.mark.slow
def test_escape_closes_the_search_and_letters_are_no_shortcuts(admin: Person) -> None:
    page = admin.open("/flows")
    search(page, "")
    page.keyboard.type("crcr")
    expect(page.get_by_role("combobox", name="Search")).to_have_value("crcr")
    expect(page.get_by_text("Clear caches")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Search")).to_be_hidden()
    expect(page.get_by_role("button", name="Search")).to_be_visible()


@pytest.mark.slow
def test_on_a_phone_the_side_bar_with_the_button_makes_way_for_the_page(admin: Person) -> None:
    admin.page.set_viewport_size({"width": 390, "height": 800})
    page = admin.open("/flows?chip=bench")
    page.locator("[data-testid=stExpandSidebarButton]").click()
    page.get_by_role("button", name="Search").click()
    search(page, "q1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/qubit\?chip=bench&qubit=1"))
    expect(page.locator("[data-testid=stSidebar][data-collapsed=true]")).to_be_attached()


@pytest.mark.parametrize(
    "widths",
    [
        pytest.param((390, 1440), id="two", marks=pytest.mark.slow),
        pytest.param((1024, 2560), id="further", marks=pytest.mark.release),
    ],
)
def test_the_search_is_accessible_and_fits_every_width(admin: Person, widths: tuple[int, ...]) -> None:
    """CI shows a phone and a usual window, the tests before a release the widths between and beyond."""
    page = admin.open("/flows?chip=bench")
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for text, shown in TEXTS.items():
            search(page, text)
            page.locator(shown).first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert find_violations(page, scheme) == [], (width, text, scheme)
