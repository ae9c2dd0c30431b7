"""Review of flagged results in the browser, by the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ...journeys.command_line import wait_until
from .person import PATIENCE_MS, Person
from .test_every_page import find_violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Locator, Page

    from .dashboard_server import Dashboard


MANY, FEW = "many", "few"
TASK = "CheckResonatorSpectroscopy"


def flag_results(dashboard: Dashboard, chip: str, device: str, qids: Sequence[str]) -> str:
    """Create a twin with a flagged resonator frequency of each of these qubits, the last one first in its review."""
    dashboard.qdash.does("twin", "create", chip, "--device", device, "--seed", "4")
    for qid in qids:
        dashboard.qdash.does(
            "values", "set", chip, qid, "resonator_frequency=6.5", "--reason", "drill", "--yes"
        )
    dashboard.qdash.does("calibrate", chip, "--flow", TASK, "--qids", ",".join(qids), "--no-repeat")
    assert count_waiting(dashboard, chip) == len(qids)
    return chip


def count_waiting(dashboard: Dashboard, chip: str) -> int:
    return int(dashboard.host.get(f"/chips/{chip}/review-count")["waiting"])


def list_events(dashboard: Dashboard, chip: str) -> list[str]:
    """Return the decisions of users, newest first."""
    events = dashboard.host.get(f"/chips/{chip}/value-events?by_hand=true")["items"]
    return [one["kind"] for one in events if one["kind"] != "set"]


@pytest.fixture(scope="session")
def many(dashboard: Dashboard) -> str:
    """A chip with 20 flagged results."""
    return flag_results(dashboard, MANY, "kolkata", [str(qid) for qid in range(20)])


@pytest.fixture(scope="session")
def few(dashboard: Dashboard) -> str:
    """A chip with 6 flagged results."""
    return flag_results(dashboard, FEW, "jakarta", [str(qid) for qid in range(6)])


@pytest.fixture
def editor(person: Person) -> Person:
    return person.log_in_directly("ed")


class Reviewer:
    """Reviewer at the review page, with only a keyboard; key presses are counted."""

    def __init__(self, person: Person, chip: str) -> None:
        self.page: Page = person.open(f"/review?chip={chip}")
        self.keys = 0
        self.head.wait_for()
        person.wait_until_drawn()

    @property
    def head(self) -> Locator:
        return self.page.get_by_test_id("review-item").get_by_role("heading")

    @property
    def message(self) -> Locator:
        return self.page.get_by_test_id("review-bar").get_by_role("status")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def write(self, text: str) -> None:
        """Type a text and confirm it with Enter."""
        self.page.keyboard.type(text)
        self.keys += len(text)
        self.press("Enter")

    def see(self, place: int, of: int) -> None:
        """Wait for the result at a place, and until its actions are possible."""
        expect(self.head).to_contain_text(f"{place} of {of}: {TASK} on qubit ", timeout=PATIENCE_MS)
        expect(self.page.locator(".review.busy")).to_have_count(0, timeout=PATIENCE_MS)

    def hear(self, text: str) -> None:
        expect(self.message).to_contain_text(text, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_twenty_flagged_results_are_reviewed_by_keys_alone(
    editor: Person, dashboard: Dashboard, many: str
) -> None:
    reviewer = Reviewer(editor, many)
    reviewer.see(1, 20)
    reviewer.press("a")
    reviewer.see(2, 20)
    reviewer.hear("Accepted: CheckResonatorSpectroscopy on qubit")
    reviewer.press("r")
    reviewer.write("a spurious mode, as before")
    reviewer.see(3, 20)
    reviewer.hear("Rejected")
    reviewer.press("r")
    reviewer.write("")  # the last reason is proposed
    reviewer.see(4, 20)
    reviewer.press("n")
    reviewer.write("compare with the spectrum of Friday")
    reviewer.hear("Note saved")
    reviewer.see(4, 20)
    reviewer.press("l")
    reviewer.see(5, 20)
    reviewer.press("x")
    reviewer.write("no resonator")
    reviewer.see(6, 20)
    reviewer.press("a")
    reviewer.see(7, 20)
    reviewer.press("u")
    reviewer.see(6, 20)
    for place in range(7, 21):
        reviewer.press("a")
        reviewer.see(place, 20)
    reviewer.press("r")
    reviewer.write("")
    heading = reviewer.page.get_by_role("heading", name="End of the review")
    heading.wait_for()
    reviewer.page.get_by_text("20 results: 15 accepted, 3 rejected, 1 excluded, 1 later.").wait_for()
    assert list_events(dashboard, many).count("accepted") == 16  # one of them is undone
    assert count_waiting(dashboard, many) == 1
    assert reviewer.keys < 120
    reviewer.press("ArrowLeft")
    reviewer.see(20, 20)
    reviewer.press("a")
    reviewer.hear("This result does not await a decision: rejected")
    assert list_events(dashboard, many)[0] == "rejected"


@pytest.mark.release
def test_keys_do_nothing_in_text_fields_or_with_modifiers_and_measure_again_starts_one_run(
    editor: Person, dashboard: Dashboard, few: str
) -> None:
    reviewer = Reviewer(editor, few)
    page = reviewer.page
    for key in ("Control+a", "Alt+r", "Meta+m", "q"):
        reviewer.press(key)
    page.get_by_label("Qubits").focus()
    page.keyboard.type("alm")
    expect(page.get_by_label("Qubits")).to_have_value("alm")
    page.get_by_label("Qubits").fill("")
    reviewer.press("Escape")
    reviewer.press("?")
    expect(page.get_by_text("excludes the qubit or coupling from flows")).to_be_visible()
    reviewer.press("?")
    reviewer.press("r")
    field = page.get_by_label("Reason for the rejection")
    expect(field).to_be_focused()
    reviewer.press("Enter")
    reviewer.hear("a reason is required")
    reviewer.press("Escape")
    expect(field).to_be_hidden()
    reviewer.see(1, 6)
    assert list_events(dashboard, few) == []

    before = len(dashboard.host.get(f"/executions?chip_id={few}")["items"])
    reviewer.press("m")
    reviewer.press("m")
    reviewer.hear("Measured again: CheckResonatorSpectroscopy on qubit")
    expect(reviewer.head).to_contain_text("2 of ")
    reviewer.hear("1 result replaced")  # the run has ended; its value agrees, and is accepted
    reviewer.see(2, 6)
    assert len(dashboard.host.get(f"/executions?chip_id={few}")["items"]) == before + 1


@pytest.mark.release
def test_a_decision_of_another_user_is_told(editor: Person, dashboard: Dashboard, few: str) -> None:
    reviewer = Reviewer(editor, few)
    (waiting, *_) = dashboard.host.get(f"/chips/{few}/review?limit=1")["items"]
    body = {"reason": "drill of another user"}
    answer = dashboard.host.send_request("POST", f"/task-results/{waiting['task_id']}/rejection", body)
    assert answer.status == 200
    reviewer.hear("1 result no longer waiting")
    expect(reviewer.page.get_by_test_id("review-item")).to_contain_text(
        "rejected by admin: drill of another user"
    )
    reviewer.press("a")
    reviewer.hear("This result does not await a decision")


@pytest.mark.release
def test_a_refit_is_recorded_by_keys_and_takes_the_place_of_its_original(
    editor: Person, dashboard: Dashboard, few: str
) -> None:
    reviewer = Reviewer(editor, few)
    page = reviewer.page
    original = page.get_by_test_id("review-item").get_attribute("data-result")
    reviewer.press("t")
    form = page.locator(".st-key-review-refit form, .st-key-review-refit [data-testid=stForm]").first
    form.wait_for()
    page.wait_for_function("() => document.activeElement.closest('.st-key-review-refit')")
    reviewer.press("Enter")  # the first field, or the button of a form without options, has the focus
    record = page.locator(".st-key-review-refit").get_by_role("button", name="Record refit")
    record.wait_for()
    editor.wait_until_drawn()
    while not record.evaluate("one => one === document.activeElement"):
        reviewer.press("Tab")
        assert reviewer.keys < 60
    reviewer.press("Enter")
    wait_until(
        lambda: dashboard.host.get(f"/task-results/{original}/review")["state"] == "superseded",
        what="the refit is recorded",
    )
    reviewer.hear("new flagged result")


@pytest.mark.release
def test_the_page_is_accessible_in_light_and_in_dark(editor: Person, few: str) -> None:
    for scheme in ("light", "dark"):
        editor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        reviewer = Reviewer(editor, few)
        reviewer.press("?")
        reviewer.press("r")
        expect(reviewer.page.get_by_label("Reason for the rejection")).to_be_focused()
        assert find_violations(reviewer.page) == [], scheme


@pytest.fixture
def viewer(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    person = Person.with_browser(chromium, dashboard.url).log_in_directly("vera")
    yield person
    person.page.context.close()


@pytest.mark.release
def test_a_viewer_looks_through_the_results_and_decides_nothing(
    viewer: Person, dashboard: Dashboard, few: str
) -> None:
    before = list_events(dashboard, few)
    reviewer = Reviewer(viewer, few)
    page = reviewer.page
    page.get_by_text("Only editors of the project can decide").wait_for()
    buttons = page.get_by_test_id("review-bar").get_by_role("button")
    expect(buttons).to_have_text(["←Back", "lLater", "?Keys"])
    reviewer.press("a")
    reviewer.press("ArrowRight")
    expect(reviewer.head).to_contain_text("2 of ")
    assert list_events(dashboard, few) == before


@pytest.mark.release
def test_the_overview_leads_to_the_review_and_a_chip_without_flagged_results_has_none(
    editor: Person, dashboard: Dashboard, few: str
) -> None:
    page = editor.open("/?chip=bench")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=few, exact=True))
    card.get_by_role("link", name=re.compile("flagged results? awaits? a decision")).click()
    page.get_by_test_id("review-item").wait_for()
    assert f"/review?chip={few}" in editor.address
    page = editor.open("/review?chip=bench")
    page.get_by_text("No flagged result of chip bench awaits a decision.").wait_for()
