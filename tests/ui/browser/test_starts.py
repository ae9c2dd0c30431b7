"""Start of a run in the browser: few clicks, a confirmation in view, and no click that is lost on a slow machine."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route

    from .dashboard_server import Dashboard
    from .person import Person

SLOWER = 4
"""Factor by which the processor of the browser is slowed down."""
DELAYS_S = (0.1, 0.5, 2.0)
"""Times of a click after its button is there, in seconds."""
PRESS_MS = 100
BEGUN = re.compile("is (queued|running|completed)")
EARLY = {
    "/timetables": ("New timetable …", "[role=dialog]"),
    "/flows": ("New flow …", "[role=dialog]"),
    "/chip?chip=bench&target=1": ("Calibrate …", "[role=dialog]"),
    "/run?chip=bench": ("Dry run", "text=This was a dry run"),
}
"""Button of each address, and what it shows."""
BEFORE_RELEASE = ("/timetables", "/flows")
"""Addresses whose button opens a dialog like that of a target."""


@pytest.fixture
def slowed(admin: Person) -> Iterator[Page]:
    """A page of a slow browser, whose clicks do not wait until the page is drawn."""
    page = admin.page
    page.remove_locator_handler(page.locator("[data-testid=stApp][data-test-script-state=running]"))
    processor = page.context.new_cdp_session(page)
    processor.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield page
    processor.send("Emulation.setCPUThrottlingRate", {"rate": 1})


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(one, marks=pytest.mark.release if one in BEFORE_RELEASE else pytest.mark.slow)
        for one in EARLY
    ],
)
def test_an_early_click_is_not_lost(slowed: Page, dashboard: Dashboard, address: str) -> None:
    label, shown = EARLY[address]
    for delay_s in DELAYS_S:
        slowed.goto(f"{dashboard.url}{address}", wait_until="commit")
        button = slowed.get_by_role("button", name=label, exact=True)
        button.wait_for()
        slowed.wait_for_timeout(1000 * delay_s)
        box = button.bounding_box()
        assert box is not None
        slowed.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        slowed.mouse.down()
        slowed.wait_for_timeout(PRESS_MS)
        slowed.mouse.up()
        slowed.locator(shown).first.wait_for()


@pytest.mark.slow
def test_a_click_right_after_typing_acts_on_the_typed_text(slowed: Page, dashboard: Dashboard) -> None:
    slowed.goto(f"{dashboard.url}/run?chip=bench")
    slowed.get_by_text("Forecast").wait_for()
    slowed.get_by_role("textbox", name="Qubits or couplings").press_sequentially("1")
    slowed.get_by_role("button", name="Dry run").click()
    slowed.get_by_text(re.compile("on 1 target.*This was a dry run")).wait_for()

    slowed.goto(f"{dashboard.url}/flows")
    slowed.get_by_role("button", name="New flow …").click()
    slowed.get_by_role("button", name="Open the editor").click()
    slowed.get_by_text("A name has up to 64 letters").wait_for()
    slowed.get_by_label("Name", exact=True).press_sequentially("typed")
    slowed.get_by_role("button", name="Open the editor").click()
    slowed.get_by_role("heading", level=1, name="typed").wait_for()


@pytest.mark.slow
def test_a_run_is_started_with_one_click_and_its_cancellation_asks(
    slow_chip: str, admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open(f"/run?chip={slow_chip}&flow=bring-up")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_in_viewport()
    expect(page.get_by_text("laboratory time")).to_be_in_viewport()
    start.click()
    page.get_by_text(BEGUN).wait_for()
    run = page.locator("section.run")
    expect(run).to_be_in_viewport()
    expect(start).to_be_disabled()
    execution = next(iter(dashboard.host.get(f"/executions?chip_id={slow_chip}&limit=1")["items"]))
    run.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel this run?")
    question.get_by_role("button", name="Keep running").click()
    question.wait_for(state="detached")
    admin.wait_until_drawn()
    run.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Cancel the run").click()
    page.get_by_text("was cancelled").wait_for()
    wait_until(
        lambda: dashboard.host.get(f"/executions/{execution['execution_id']}")["status"] == "cancelled",
        what="it is cancelled",
    )


def answer_late(route: Route) -> None:
    """Let a request go on after a while."""
    time.sleep(0.5)
    route.continue_()


@pytest.mark.slow
def test_a_timetable_is_created_without_scrolling(admin: Person) -> None:
    admin.page.set_viewport_size({"width": 1440, "height": 800})
    page = admin.open("/timetables")
    page.get_by_role("button", name="New timetable").click()
    expect(page.get_by_role("button", name="Create timetable")).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_a_start_in_a_dialog_closes_it_and_the_run_is_in_view(admin: Person) -> None:
    page = admin.open("/chip?chip=bench&target=1")
    page.get_by_role("button", name="Calibrate …").click()
    form = page.get_by_role("dialog", name="Calibrate")
    form.get_by_text("laboratory time").wait_for()
    page.route("**/progress", answer_late)  # the run ends while an answer is on its way
    form.get_by_role("button", name="Start", exact=True).click()
    form.wait_for(state="detached")
    said = page.get_by_text(BEGUN)
    said.wait_for()
    expect(said).to_be_in_viewport()
    page.get_by_text(re.compile(r"Run \S+ is completed")).wait_for()
    expect(page.locator("section.run .state")).to_contain_text("completed")
    page.get_by_role("button", name="Hide").click()
    said.wait_for(state="detached")


@pytest.mark.slow
def test_the_selection_on_the_map_is_in_the_address(admin: Person) -> None:
    page = admin.open("/chip?chip=bench&targets=0,1,9999")
    count = page.get_by_test_id("chosen")
    expect(count).to_have_text("2 selected")
    page.get_by_test_id("target-2").click(modifiers=["Control"])
    page.get_by_role("heading", name="3 selected").wait_for()
    assert "targets=0%2C1%2C2" in admin.address
    page.reload()
    expect(count).to_have_text("3 selected")
    admin.wait_until_drawn()
    page.go_back()
    page.get_by_role("heading", name="2 selected").wait_for()
    expect(count).to_have_text("2 selected")
