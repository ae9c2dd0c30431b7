"""Further states of the workbench and the schedule page in a browser: sizes, colour schemes, keyboard, cancel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import wait_until
from .test_every_page import find_violations

if TYPE_CHECKING:
    from .dashboard_server import Dashboard
    from .person import Person

pytestmark = pytest.mark.release

_WORKBENCH = "/workbench?chip=bench&task=CheckT1"
_STATES = {
    "run parameters and inputs of a result": (
        f"{_WORKBENCH}&targets=1&p.shots=64&i.qubit_frequency=5.1±0.2&saved=on&tags=bias&scope=evening",
        "text=Value scope",
    ),
    "no target": (_WORKBENCH, "text=Enter a target first."),
    "an invalid value": (f"{_WORKBENCH}&targets=1&p.shots=7", "text=below the minimum of 16"),
    "region with a run": (f"{_WORKBENCH}&targets=0-1&execution={{execution}}", "text=New outcome"),
    "step of a task": (
        "/schedule?chip=bench&kind=qubit&flow=CheckT1&qubit_strategies=uncoupled,serial&step=1",
        "[data-when=now]",
    ),
    "three strategies": (
        "/schedule?chip=bench&kind=coupling&coupling_strategies=best,serial,greedy",
        "svg.map text.group",
    ),
    "data of the previous result": ("/result?result={result}", "h1"),
}
_OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .some((one) => one.scrollWidth > one.clientWidth + 1)"""


@pytest.mark.parametrize("name", _STATES)
def test_a_state_fits_at_every_size_and_is_accessible_in_light_and_dark(
    name: str, admin: Person, dashboard: Dashboard
) -> None:
    address, shows = _STATES[name]
    page = admin.open(address.format(execution=dashboard.execution, result=dashboard.result))
    page.locator(shows).locator("visible=true").first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in (1440, 900):
            page.set_viewport_size({"width": width, "height": 900})
            admin.wait_until_drawn()
            assert not page.evaluate(_OVERFLOW), (scheme, width)
        assert find_violations(page) == [], scheme


def test_a_run_is_cancelled_on_the_workbench_while_its_results_arrive(
    admin: Person, dashboard: Dashboard
) -> None:
    asked = dashboard.host.send_request("POST", "/executions", {"chip_id": "bench", "flow": "full"})
    execution = asked.body["execution_id"]
    page = admin.open(f"{_WORKBENCH}&targets=0-1&execution={execution}")
    bar = page.get_by_role("progressbar").first
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d*"))
    page.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[role=dialog]')?.contains(document.activeElement)")
    for _ in range(5):
        if page.evaluate("() => document.activeElement.innerText").endswith("Cancel the run"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    # Measurements in progress end first.
    wait_until(
        lambda: dashboard.host.get(f"/executions/{execution}")["status"] == "cancelled",
        what="it is cancelled",
    )
    expect(page.locator("section.run")).to_contain_text("cancelled")


def test_the_schedule_page_opens_from_the_form_of_a_run_with_its_selection(admin: Person) -> None:
    page = admin.open(f"{_WORKBENCH}&targets=0-1")
    page.get_by_text("Preview the order of measurement").click()
    page.get_by_role("link", name="Open on the page Schedule").click()
    page.get_by_role("heading", level=1, name="Schedule").wait_for()
    expect(page).to_have_url(re.compile(r"/schedule\?.*flow=CheckT1&targets=0%2C\+1"))
    expect(page.get_by_label("Qubits", exact=True)).to_have_value("0, 1")
