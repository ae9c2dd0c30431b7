"""User journeys in the dashboard, from the first click to the last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .dashboard_server import Dashboard
    from .person import Person

_TABS = 10
_MAP = "svg.map[aria-busy=false]"


def _get_focus(page: Page) -> str:
    """Return the target or button with the keyboard focus, across shadow DOMs."""
    return str(
        page.evaluate(
            """() => {
                let at = document.activeElement;
                while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                return at.dataset.id ? `target-${at.dataset.id}` : at.matches("button") ? at.innerText : "";
            }"""
        )
    )


def _press_tab_until(page: Page, name: str) -> None:
    """Press Tab until a button has the focus."""
    for _ in range(60):
        if name in _get_focus(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no {name!r} is reached by the keyboard: it is at {_get_focus(page)!r}")


@pytest.mark.slow
def test_an_editor_calibrates_and_writes_a_note_from_login_to_logout(person: Person) -> None:
    page = person.open("/chip?chip=bench")
    person.log_in("ed")
    page.evaluate("() => { window.never_reloaded = true; }")
    page.locator(_MAP).wait_for()

    for typed, told in (
        ("1-0", "the range '1-0' is reversed"),
        ("0-99", "chip bench has no qubits"),
        ("0-1", "2 selected"),
        ("Q01", "1 selected"),
    ):
        page.get_by_test_id("choose-list").fill(typed)
        page.get_by_role("button", name="By list").click()
        page.locator(".chip").get_by_text(told).wait_for()
    page.get_by_role("button", name="Calibrate …").click()
    form = page.get_by_role("dialog", name="Calibrate")
    form.get_by_role("button", name="Dry run").click()
    form.get_by_text(re.compile(r"8 tasks on 1 target, about [\d\smins]+ of laboratory time")).wait_for()
    form.get_by_role("button", name="Start").click()
    form.wait_for(state="detached")
    page.get_by_test_id("stMainBlockContainer").get_by_role(
        "link", name=re.compile(r"^\d{8}-\d{3}$")
    ).first.click()

    page.get_by_role("heading", level=1, name="check").wait_for()
    page.get_by_text("Ended", exact=True).wait_for(timeout=120_000)  # a worker measures
    expect(page.get_by_label("Results by outcome").get_by_text(re.compile(r"8 accepted"))).to_be_visible()
    assert page.evaluate("() => window.never_reloaded")

    person.open("/qubit?chip=bench&qubit=1")
    page.get_by_role("button", name="Add note").last.click()
    page.get_by_label("Note on qubit 1").fill("moves when the pump runs")
    page.get_by_role("button", name="Save").click()
    page.locator("blockquote", has_text="moves when the pump runs").wait_for()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in").wait_for()


@pytest.mark.slow
def test_the_progress_of_a_run_is_live_and_the_run_can_be_cancelled(
    slow_chip: str, admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open("/")
    page.evaluate("() => { window.never_reloaded = true; }")
    asked = dashboard.host.send_request("POST", "/executions", {"chip_id": slow_chip, "flow": "full"})
    assert asked.status in (200, 202), asked
    execution = asked.body["execution_id"]

    bar = page.get_by_role("progressbar").first
    bar.wait_for()
    expect(page.get_by_role("link", name=f"full on {slow_chip}, {execution}")).to_be_visible()
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d*"))
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("No active runs.")).to_be_visible()
    assert page.evaluate("() => window.never_reloaded")
    assert dashboard.host.get(f"/executions/{execution}")["status"] == "cancelled"


@pytest.mark.release
def test_a_run_can_be_started_with_the_keyboard(admin: Person) -> None:
    page = admin.open("/chip?chip=bench")
    page.locator(_MAP).wait_for()
    page.keyboard.press("m")
    assert _get_focus(page) == "target-0"
    page.keyboard.press("ArrowRight")
    assert _get_focus(page) == "target-0-1"
    page.keyboard.press("ArrowRight")
    assert _get_focus(page) == "target-1"
    page.keyboard.press("Enter")
    page.get_by_test_id("panel").get_by_role("heading", name="Qubit 1").wait_for()
    assert "target=1" in admin.address
    page.keyboard.press("Space")
    page.get_by_role("heading", name="1 selected").wait_for()
    admin.wait_until_drawn()
    _press_tab_until(page, "Calibrate")
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Calibrate")
    form.get_by_role("button", name="Start").wait_for()
    admin.wait_until_drawn()
    _press_tab_until(page, "Start")
    page.keyboard.press("Enter")
    form.wait_for(state="detached")
    page.get_by_text(re.compile("is (queued|running|completed)")).wait_for()


@pytest.mark.release
def test_back_and_forward_restore_pages(admin: Person) -> None:
    page = admin.open("/chip?chip=bench&metric=t1")
    page.locator(_MAP).wait_for()
    page.get_by_test_id("target-1").click()
    page.get_by_test_id("panel").get_by_role("link", name="open qubit 1").click()
    page.get_by_role("heading", level=1, name="Qubit 1").wait_for()
    admin.wait_until_drawn()
    result = page.get_by_role("link", name=re.compile(r"^Check\w+$")).first
    task = result.inner_text()
    result.click()
    page.get_by_role("link", name=re.compile(r"execution \d")).click()
    page.get_by_role("link", name="Timeline", exact=True).wait_for()
    admin.wait_until_drawn()

    # The heading of the result contains "Qubit 1"; a Back before the page is drawn makes Streamlit push it again, and Forward is lost.
    for heading in (f"{task} on qubit 1", "Qubit 1", "Chip bench"):
        page.go_back()
        page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()
        admin.wait_until_drawn()
    page.get_by_test_id("panel").wait_for()
    admin.wait_until_drawn()
    assert admin.address == "/chip?chip=bench&metric=t1&target=1"
    page.go_forward()
    page.get_by_role("heading", level=1, name="Qubit 1").wait_for()


def test_a_link_to_another_qubit_shows_it_from_its_top(admin: Person) -> None:
    page = admin.open("/qubit?chip=bench&qubit=0")
    main = page.get_by_test_id("stMain")
    main.evaluate("one => one.scrollTo(0, 300)")
    assert main.evaluate("one => one.scrollTop") == 300
    page.get_by_role("link", name="1", exact=True).first.evaluate("one => one.click()")  # where it is
    page.get_by_role("heading", level=1, name="Qubit 1").wait_for()
    admin.wait_until_drawn()
    assert main.evaluate("one => one.scrollTop") == 0


@pytest.mark.release
def test_zoom_survives_a_change_of_metric_and_a_lasso_selects_targets(admin: Person) -> None:
    page = admin.open("/chip?chip=bench")
    chip = page.locator(_MAP)
    chip.wait_for()
    page.get_by_role("button", name="zoom in").click()
    zoomed = chip.get_attribute("viewBox")
    page.get_by_test_id("qubit-metric").select_option("t2_echo")
    expect(chip).to_have_attribute("data-metric", "t2_echo")
    assert chip.get_attribute("viewBox") == zoomed
    page.wait_for_url(re.compile("metric=t2_echo"))

    page.get_by_role("button", name="Whole chip").click()
    page.get_by_role("button", name="Lasso").click()
    box = chip.bounding_box()
    assert box is not None
    left, top = box["x"] + 3, box["y"] + 3
    right, bottom = left + box["width"] - 6, top + box["height"] - 6
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=3)
    page.mouse.up()
    expect(page.get_by_test_id("chosen")).to_have_text("7 selected")


_NOTE_FLASHES = """map => {
    const root = map.getRootNode();
    new MutationObserver(() => { window.flashed ||= root.querySelector(".flash") !== null; })
        .observe(root, {subtree: true, childList: true, attributes: true});
}"""
"""Script that records a flash, which ends before a busy machine has checked ten tabs."""


@pytest.mark.release
def test_ten_tabs_of_a_browser_all_work(admin: Person, dashboard: Dashboard) -> None:
    tabs = [admin.page, *(admin.page.context.new_page() for _ in range(_TABS - 1))]
    for tab in tabs:
        tab.goto(f"{admin.url}/chip?chip=bench&metric=t1")
    for tab in tabs:
        tab.locator(_MAP).wait_for()
        tab.locator(".live[data-state=live]").wait_for()
        tab.locator(_MAP).evaluate(_NOTE_FLASHES)
    asked = dashboard.host.send_request(
        "POST", "/executions", {"chip_id": "bench", "flow": "check", "targets": {"qubits": ["0"]}}
    )
    assert asked.status in (200, 202), asked
    for tab in tabs:
        tab.wait_for_function("() => window.flashed")


@pytest.mark.slow
def test_a_page_that_raises_does_not_affect_other_pages(admin: Person) -> None:
    page = admin.open("/laser")
    page.get_by_role("alert").get_by_text("no licence for the laser").wait_for()
    page.get_by_role("link", name=re.compile("Cryostat$")).click()
    page.get_by_text("Who looks is admin").wait_for()
    page.get_by_role("link", name="Chip", exact=True).click()
    page.locator(_MAP).wait_for()
