"""Cool-downs in the browser: started, seen live by another user, corrected, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .person import Person
from .test_every_page import find_violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .dashboard_server import Dashboard

pytestmark = pytest.mark.release


def test_a_cooldown_is_started_seen_by_others_and_ended(chromium: Browser, dashboard: Dashboard) -> None:
    assert dashboard.host.send_request("POST", "/cryostats", {"cryo_id": "K-7"}).status == 201
    editor = Person.with_browser(chromium, dashboard.url).log_in_directly("ed")
    viewer = Person.with_browser(chromium, dashboard.url).log_in_directly("vera")
    looked = viewer.open("/cryostats")
    looked.get_by_role("rowheader", name="K-7", exact=True).wait_for()
    page = editor.open("/cryostats")
    page.get_by_role("button", name="Start a cool-down").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Cool-down").fill("<b>bold</b>")
    dialog.get_by_role("textbox", name="Cool-down").press("Tab")
    dialog.get_by_role("combobox", name="Cryostat").click()
    page.get_by_role("option", name="K-7").click()
    dialog.get_by_role("button", name="Start", exact=True).click()
    dialog.get_by_text("<b>bold</b>").wait_for()  # the refusal of the host shows the name as text
    dialog.get_by_role("textbox", name="Cool-down").fill("seen")
    dialog.get_by_role("textbox", name="Cool-down").press("Tab")
    dialog.get_by_role("button", name="Start", exact=True).click()
    dialog.wait_for(state="detached")
    looked.get_by_role("rowheader", name="seen", exact=True).first.wait_for()  # without a reload
    assert looked.get_by_role("button", name="Start a cool-down").count() == 0
    page = editor.open("/cooldown?cooldown=seen")
    page.set_viewport_size({"width": 900, "height": 900})
    assert find_violations(page) == []
    page.get_by_role("button", name="End …").click()
    page.get_by_role("dialog").get_by_role("button", name="End the cool-down").click()
    page.locator("dl.facts").get_by_text("ended").wait_for()
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width)
    for person in (editor, viewer):
        assert person.foreign_requests == []
        person.page.context.close()
