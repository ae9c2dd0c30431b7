"""Changes of values in the browser: decide, set, undo, revert, and commit a value scope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .dashboard_server import Dashboard
    from .person import Person

CHIP = "values"


@pytest.fixture(scope="module")
def chip(dashboard: Dashboard) -> str:
    """A twin with two calibrated qubits, whose values these tests change."""
    dashboard.qdash.does("twin", "create", CHIP, "--device", "jakarta", "--seed", "4")
    dashboard.qdash.does("calibrate", CHIP, "--flow", "bring-up", "--qids", "0,1")
    return CHIP


@pytest.fixture
def editor(person: Person, chip: str) -> Person:
    """A user logged in as editor."""
    return person.log_in_directly("ed")


def list_events(dashboard: Dashboard) -> list[str]:
    """Return the kinds of the changes by users, newest first."""
    events = dashboard.host.get(f"/chips/{CHIP}/value-events?by_hand=true")["items"]
    return [one["kind"] for one in events]


def read_value(dashboard: Dashboard, qid: str, name: str) -> Any:
    return dashboard.host.get(f"/chips/{CHIP}/qubits/{qid}")["values"][name]["value"]


def set_value(dashboard: Dashboard, qid: str, value: str) -> None:
    dashboard.qdash.does("values", "set", CHIP, qid, value, "--reason", "drill", "--yes")


def open_dialog(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=f"{button} …", exact=False).first.click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def fill(form: Locator | Page, name: str, text: str) -> None:
    """Fill in a field, and leave it, as a form is sent with the fields that were left."""
    field = form.get_by_role("textbox", name=name)
    field.fill(text)
    field.press("Tab")


@pytest.mark.release
def test_a_flagged_result_is_accepted_in_its_history_and_the_acceptance_is_undone_each_as_one_event(
    editor: Person, dashboard: Dashboard
) -> None:
    set_value(dashboard, "0", "resonator_frequency=6.5")
    dashboard.qdash.does("task", "run", "CheckResonatorSpectroscopy", "--chip", CHIP, "--qid", "0", "--save")
    before = list_events(dashboard)
    page = editor.open(f"/qubit?chip={CHIP}&qubit=0&metric=resonator_frequency")
    page.get_by_text("Table", exact=True).last.click()
    flagged = page.get_by_role("row").filter(has_text="flagged").filter(has_text="jumped from 6.5")
    flagged.get_by_role("link", name=re.compile(r"^\d.*GHz$")).first.click()
    page.get_by_role("link", name="open the result of CheckResonatorSpectroscopy").wait_for()
    editor.wait_until_drawn()

    open_dialog(page, "Accept").get_by_role("button", name="Accept", exact=True).dblclick()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_text("Undo it with event").wait_for()
    editor.wait_until_drawn()
    assert list_events(dashboard) == ["accepted", *before]
    assert read_value(dashboard, "0", "resonator_frequency") > 6.6

    open_dialog(page, "Undo").get_by_role("button", name="Undo", exact=True).dblclick()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("cell", name=re.compile("undid event")).wait_for()
    assert list_events(dashboard) == ["undone", "accepted", *before]
    assert read_value(dashboard, "0", "resonator_frequency") == 6.5


@pytest.mark.slow
def test_a_value_is_set_unless_it_is_refused_or_has_changed_meanwhile(
    editor: Person, dashboard: Dashboard
) -> None:
    page = editor.open(f"/qubit?chip={CHIP}&qubit=1&metric=t1")
    form = open_dialog(page, "Set value")
    for name, text in (("Value", "-3"), ("Standard deviation", "0.5"), ("Reason", "by hand")):
        fill(form, name, text)
    button = form.get_by_role("button", name="Set", exact=True)
    button.click()
    form.get_by_text("t1 = -3 µs is below its minimum").wait_for()

    set_value(dashboard, "1", "t1=33")  # the page below an open dialog waits
    fill(form, "Value", "44")
    editor.wait_until_drawn()
    button.click()
    form.get_by_text("qubit 1 has changed since this form was opened").wait_for()
    assert read_value(dashboard, "1", "t1") == 33
    form.get_by_role("button", name="Go back").click()
    form.wait_for(state="detached")

    form = open_dialog(page, "Set value")
    form.get_by_text("Now 33 µs").wait_for()
    for name, text in (("Value", "44"), ("Standard deviation", "0.5"), ("Reason", "by hand")):
        fill(form, name, text)
    form.get_by_role("button", name="Set", exact=True).click()
    form.wait_for(state="detached")
    assert read_value(dashboard, "1", "t1") == 44


@pytest.mark.release
def test_a_click_on_a_point_of_the_history_selects_its_value_which_is_then_used(
    editor: Person, dashboard: Dashboard
) -> None:
    set_value(dashboard, "1", "t1=33")
    page = editor.open(f"/qubit?chip={CHIP}&qubit=1&metric=t1")
    # The points are drawn from the newest to the oldest.
    history = page.get_by_role("figure", name="History of")
    history.scroll_into_view_if_needed()
    point = history.locator(".trace.scatter path.point").nth(1)
    point.scroll_into_view_if_needed()
    page.get_by_text("Select a point").wait_for()
    box = point.bounding_box()
    assert box is not None
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*at)
    page.mouse.click(*at)
    page.get_by_role("link", name="open the result of").wait_for()
    assert "&point=" in editor.address
    editor.wait_until_drawn()
    before = list_events(dashboard)
    form = open_dialog(page, "Use these values")
    form.get_by_role("button", name="Use these values").dblclick()
    form.wait_for(state="detached")
    page.get_by_text("Undo it with event").wait_for()
    assert list_events(dashboard) == ["used", *before]
    assert read_value(dashboard, "1", "t1") != 33


@pytest.mark.release
def test_half_a_chip_is_reverted_to_a_release_after_a_preview(editor: Person, dashboard: Dashboard) -> None:
    set_value(dashboard, "0", "t1=50")
    set_value(dashboard, "1", "t1=51")
    dashboard.qdash.does("release", "create", CHIP, "--name", "friday")
    set_value(dashboard, "0", "t1=60")
    set_value(dashboard, "1", "t1=61")
    page = editor.open(f"/chip?chip={CHIP}&view=releases")
    page.get_by_role("link", name="Preview a reversion to friday").click()
    fill(page, "Qubits", "0")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("row").filter(has_text=re.compile(r"60\sµs\s*50\sµs")).wait_for()
    expect(page.get_by_role("row").filter(has_text="61 µs")).to_have_count(0)
    editor.wait_until_drawn()
    page.get_by_role("button", name="Restore 1 value").dblclick()
    page.get_by_text("1 value restored. Undo this with event").wait_for()
    assert list_events(dashboard)[:2] == ["reverted", "set"]
    assert [read_value(dashboard, qid, "t1") for qid in ("0", "1")] == [50, 61]


@pytest.mark.release
def test_a_run_of_the_form_measures_in_a_scope_that_is_then_committed_and_undone(
    editor: Person, dashboard: Dashboard
) -> None:
    set_value(dashboard, "0", "t1=50")
    page = editor.open(f"/qubit?chip={CHIP}&qubit=0&task=CheckT1")
    page.get_by_role("button", name="Calibrate …").click()
    form = page.get_by_role("dialog", name="Calibrate")
    form.get_by_text("More", exact=True).click()
    fill(form, "Value scope", "two words")
    form.get_by_text("up to 64 letters").wait_for()
    fill(form, "Value scope", "night")
    form.get_by_text("up to 64 letters").wait_for(state="detached")
    form.get_by_role("button", name="Start").click()
    form.wait_for(state="detached")
    page.get_by_test_id("stMainBlockContainer").get_by_role(
        "link", name=re.compile(r"^\d{8}-\d{3}$")
    ).first.click()
    page.get_by_role("heading", level=1, name="check").wait_for()
    page.get_by_text("Ended", exact=True).wait_for()
    assert read_value(dashboard, "0", "t1") == 50

    page.get_by_role("link", name="night").first.click()
    page.get_by_role("row").filter(has_text="50 µs").wait_for()
    editor.wait_until_drawn()
    open_dialog(page, "Commit").get_by_role("button", name="Commit", exact=True).dblclick()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_text("Undo it with event").wait_for()
    assert list_events(dashboard)[:2] == ["committed", "set"]
    assert read_value(dashboard, "0", "t1") != 50

    page.get_by_role("link", name="changes").click()
    page.get_by_role("heading", name="Revert values").wait_for()
    editor.wait_until_drawn()
    open_dialog(page, "Undo").get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("cell", name=re.compile("undid event")).first.wait_for()
    assert read_value(dashboard, "0", "t1") == 50


@pytest.mark.release
def test_a_bad_pulse_is_found_through_the_origin_of_a_value_and_rejected_with_its_impact_shown(
    editor: Person, dashboard: Dashboard
) -> None:
    page = editor.open(f"/qubit?chip={CHIP}&qubit=0&metric=average_gate_fidelity")
    graph = page.locator(".provenance")
    graph.get_by_text("Where the value in use comes from").click()
    # By keyboard alone.
    graph.get_by_role("button", name="Inputs of CreateDRAGHPIPulse on 0").press("Enter")
    graph.locator(".below").get_by_role("link", name="CreateHPIPulse").first.press("Enter")
    page.get_by_role("heading", level=1, name="CreateHPIPulse on qubit 0").wait_for()
    editor.wait_until_drawn()
    page.get_by_role("link", name="what used it").click()
    page.get_by_role("heading", name="Used its values directly").wait_for()
    editor.wait_until_drawn()

    form = open_dialog(page, "Reject")
    form.get_by_text("used its values").wait_for()
    form.get_by_role("link", name="average_gate_fidelity of 0").wait_for()
    fill(form, "Reason", "leakage of the mixer")
    form.get_by_role("button", name="Reject", exact=True).click()
    form.wait_for(state="detached")
    page.get_by_text("Undo it with event").wait_for()
    editor.wait_until_drawn()
    expect(page.get_by_role("heading", name="Used its values directly")).to_be_visible()
    assert list_events(dashboard)[0] == "rejected"

    editor.open(f"/qubit?chip={CHIP}&qubit=0&metric=average_gate_fidelity&origin=on")
    graph.get_by_role("button", name="Inputs of CreateDRAGHPIPulse on 0").click()
    graph.get_by_text("rejected since").first.wait_for()
