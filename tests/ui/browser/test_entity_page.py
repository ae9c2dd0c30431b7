"""Page of an entity in the browser: records are added, edited and deleted with the keyboard, by editors only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.slow

PAGE = "/fridge-readings"
_FOCUSED = "() => { const one = document.activeElement; return one.shadowRoot?.activeElement ?? one; }"
_NAMES = r"""one => one.closest("[data-testid=stSidebar]") || one.matches("main")
  ? [] : [one.ariaLabel, one.innerText?.trim().split("\n").at(-1)]"""
"""Label and text without the icon of an element of the page, whose side bar has links with the names of fields, and whose `main` holds them all."""
_FARTHEST = 60
"""Largest number of elements between two uses of the keyboard."""


@pytest.fixture(scope="module")
def cryostat(dashboard: Dashboard) -> str:
    made = dashboard.host.send_request("POST", "/cryostats", {"cryo_id": "K-1"})
    assert made.status == 201, made
    return "K-1"


def list_readings(dashboard: Dashboard) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = dashboard.host.get("/entities/fridge-readings")["items"]
    return items


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until an element of this label or text has the focus."""
    for _ in range(_FARTHEST):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = page.evaluate_handle(_FOCUSED)
        if name in page.evaluate(_NAMES, focused):
            return
    raise AssertionError(f"{name} does not get the focus")


def type_into(page: Page, name: str, text: str, *, back: bool = False) -> None:
    tab_to(page, name, back=back)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_record_is_added_edited_and_deleted_with_the_keyboard(
    person: Person, dashboard: Dashboard, cryostat: str
) -> None:
    page = person.log_in_directly("ed").open(PAGE)
    page.get_by_text("There are no fridge readings yet.").wait_for()
    type_into(page, "Cryostat", "K-2")
    type_into(page, "Temperature (mK)", "9.8125")
    tab_to(page, "Record")
    page.keyboard.press("Enter")
    page.get_by_text("there is no cryostat 'K-2' in project default (known: K-0, K-1)").wait_for()
    assert list_readings(dashboard) == []

    person.wait_until_drawn()
    type_into(page, "Cryostat", cryostat, back=True)
    tab_to(page, "Record")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="9.8125").wait_for()
    person.wait_until_drawn()
    (reading,) = list_readings(dashboard)
    assert (reading["temperature_mk"], reading["stage"], reading["username"]) == (
        9.8125,
        "mixing chamber",
        "ed",
    )

    page.locator("body").focus()
    tab_to(page, reading["record_id"], back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Fridge reading {reading['record_id']}").wait_for()
    person.wait_until_drawn()
    type_into(page, "Remark", "after the cool-down")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="after the cool-down").wait_for()
    assert list_readings(dashboard)[0]["remark"] == "after the cool-down"

    person.wait_until_drawn()
    tab_to(page, "Delete …")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    page.get_by_text("There are no fridge readings yet.").wait_for()
    assert list_readings(dashboard) == []
    assert person.address == PAGE


def test_a_viewer_sees_the_table_only(person: Person, dashboard: Dashboard, cryostat: str) -> None:
    body = {"cryo_id": cryostat, "stage": "still", "temperature_mk": 800}
    made = dashboard.host.send_request("POST", "/entities/fridge-readings", body).body["record_id"]
    page = person.log_in_directly("vera").open(f"{PAGE}?record={made}")
    page.get_by_role("cell", name=re.compile("still")).wait_for()
    main = page.get_by_test_id("stMain")
    assert main.get_by_role("cell").get_by_role("link").count() == 0
    assert main.get_by_role("textbox").or_(main.get_by_role("spinbutton")).count() == 0
    buttons = main.get_by_role("button").all_inner_texts()
    assert not {"Record", "Save", "Delete …"} & {one.strip().split("\n")[-1] for one in buttons}
    deleted = dashboard.host.send_request("DELETE", f"/entities/fridge-readings/{made}")
    assert deleted.status == 200
