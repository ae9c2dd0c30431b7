"""The assistant in the browser, with a scripted endpoint: a streamed answer with citations, a confirmed proposal, an endpoint that breaks off, and an exhausted budget."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .person import PATIENCE_MS, Person
from .test_every_page import find_cut_off, find_violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .dashboard_server import Dashboard


def ask(person: Person, question: str, *, label: str = "Another question") -> None:
    """Ask a question, with two clicks."""
    person.wait_until_drawn()
    page = person.page
    page.get_by_role("textbox", name=label, exact=True).fill(question)
    page.get_by_role("button", name="Ask", exact=True).dblclick()


def expect_text(page: Page, text: str) -> None:
    expect(page.get_by_test_id("stMain").get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)


def show_conversation(dashboard: Dashboard, page: Page, username: str) -> dict[str, Any]:
    """Return the conversation of the page, which its author has shared."""
    (conversation_id,) = re.findall(r"conversation=([0-9a-f]+)", page.url)
    found: dict[str, Any] = dashboard.host.get(f"/conversations/{conversation_id}")
    assert found["username"] == username
    return found


@pytest.mark.slow
def test_an_editor_asks_confirms_a_proposal_and_uses_up_the_budget(
    person: Person, dashboard: Dashboard
) -> None:
    page = person.log_in_directly("ed").open(f"/result?result={dashboard.result}")
    page.get_by_role("link", name="Ask the assistant").click()
    page.get_by_role("heading", level=1, name="Assistant").wait_for()
    expect(page.get_by_role("textbox", name="Question")).to_have_value(
        re.compile(f"^Explain result {dashboard.result}")
    )
    page.get_by_text("Share with the project").click()
    ask(person, "Speak slowly", label="Question")
    expect_text(page, "One word")  # the last word would come 50 s later
    page.get_by_role("button", name="Cancel").click()
    expect_text(page, "This answer was cancelled")

    ask(person, "How good is T1 of qubit 1?")
    expect_text(page, "Proposal 1: issue")
    answer = page.get_by_test_id("answer").last
    expect(answer.get_by_role("link", name=re.compile("CheckT1"))).to_have_attribute(
        "href", re.compile(rf"/result\?.*{dashboard.result}")
    )
    expect_text(page, "no such record, or the user who asked may not see it")
    expect_text(page, "tokens read")
    assert answer.locator("img").count() == 0
    assert answer.get_by_role("link").count() == 1
    assert find_violations(page) == []

    page.get_by_role("button", name="Confirm …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("It is **good**: keep it.").wait_for()
    dialog.get_by_role("button", name="Confirm").click()
    expect_text(page, "confirmed by ed")
    issues = dashboard.host.get("/issues?q=T1%20of%20qubit%201")["items"]
    assert [(one["title"], one["username"]) for one in issues] == [("T1 of qubit 1", "ed")]

    ask(person, "Break off")
    expect_text(page, "This answer is incomplete")
    expect_text(page, "These words arrive, and then the")
    ask(person, "Use everything")
    expect_text(page, "Too few tokens are left for a question today.")
    assert page.get_by_role("button", name="Ask", exact=True).count() == 0
    states = [one["state"] for one in show_conversation(dashboard, page, "ed")["messages"]]
    assert states[:3] == ["cancelled", "completed", "incomplete"]
    assert len(states) == 4


@pytest.mark.release
def test_an_answer_survives_a_reload_is_cancelled_and_deleted_and_reads_well_when_dark_and_narrow(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open("/assistant?chip=bench")
    ask(admin, "Speak slowly", label="Question")
    expect_text(page, "One word")
    page.reload()
    admin.wait_until_drawn()
    expect_text(page, "One word")
    page.get_by_role("button", name="Cancel").click()
    expect_text(page, "This answer was cancelled")

    ask(admin, "How good is T1 of qubit 1?")
    expect_text(page, "Proposal 1: issue")
    page.emulate_media(color_scheme="dark")
    admin.wait_until_drawn()
    page.locator("summary", has_text="2 tool calls").click()
    assert find_violations(page, "dark") == []
    page.set_viewport_size({"width": 900, "height": 900})
    admin.wait_until_drawn()
    assert find_cut_off(page) == []
    page.get_by_role("button", name="Discard").focus()
    page.keyboard.press("Enter")
    expect_text(page, "discarded by admin")

    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("heading", level=1, name="Assistant").wait_for()
    assert [one for one in dashboard.host.get("/conversations")["items"] if one["username"] == "admin"] == []
