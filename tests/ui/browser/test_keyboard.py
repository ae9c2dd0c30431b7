"""Work by the keyboard alone: the focus follows to a new page, into a popover, and into a form that replaces its button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .person import Person

pytestmark = pytest.mark.slow


def test_the_first_tab_on_a_new_page_is_on_its_first_control(admin: Person) -> None:
    page = admin.open("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Flows").press("Enter")
    page.get_by_role("heading", level=1, name="Flows").wait_for()
    admin.wait_until_drawn()
    expect(page.get_by_test_id("stMain")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Pages of Flows").get_by_role("link").first).to_be_focused()


def test_headings_are_no_stops_of_the_tab_key(admin: Person) -> None:
    page = admin.open("/")
    expect(page.get_by_role("link", name="Link to heading")).to_have_count(0)


def test_a_popover_has_the_focus_until_escape(admin: Person) -> None:
    page = admin.open("/chip?chip=bench")
    manage = page.get_by_role("button", name=re.compile("^Manage"))
    manage.press("Enter")
    expect(page.get_by_test_id("stPopoverBody").get_by_role("link", name="Export")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()
    expect(manage).to_be_focused()


def test_a_form_in_place_of_its_button_has_the_focus(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=2")
    page.get_by_role("button", name=re.compile("Add note$")).first.press("Enter")
    expect(page.get_by_label("Note on qubit 2")).to_be_focused()
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("button", name=re.compile("Add note$")).first).to_be_focused()


def test_a_button_that_a_script_clicks_moves_no_focus(admin: Person) -> None:
    """On a phone the side bar closes so after a link; the page scrolled to its first control when a form replaced a button soon after."""
    page = admin.open("/flows?chip=bench")
    page.evaluate(
        """() => {
            const main = document.querySelector("[data-testid=stMain]");
            const button = main.appendChild(document.createElement("button"));
            button.click();
            button.remove();
            document.activeElement.blur();
            main.append(document.createElement("input"));
        }"""
    )
    page.wait_for_timeout(1000)
    assert page.evaluate("document.activeElement === document.body")
