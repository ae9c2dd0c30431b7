"""Issues in the browser: two users, from a failed result to the next similar failure; keyboard; map; hostile texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from ...photographs import make_photograph, make_picture
from .conftest import require_no_complaints
from .person import PATIENCE_MS, Person
from .test_entity_page import tab_to, type_into
from .test_every_page import find_violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from .dashboard_server import Dashboard
    from .person import Complaint

CHIP, QUBIT = "sick", "2"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
_MAP = "svg.map[aria-busy=false]"


@pytest.fixture(scope="module")
def sick(dashboard: Dashboard) -> str:
    """A chip with a dead drive line; the id of the first failed result."""
    dashboard.qdash.does(
        *("twin", "create", CHIP, "--device", "jakarta", "--seed", "4", "--fault", f"dead-line={QUBIT}")
    )
    return fail(dashboard)


def fail(dashboard: Dashboard) -> str:
    """Bring up the qubit with the dead line, and return the id of the new failed result."""
    dashboard.qdash("calibrate", CHIP, "--flow", "bring-up", "--qids", QUBIT, "--no-repeat")
    failed = dashboard.host.get(f"/task-results?chip_id={CHIP}&outcome=failed&target={QUBIT}")["items"]
    return str(failed[0]["task_id"])


@pytest.fixture
def other(
    chromium: Browser, dashboard: Dashboard, usual_complaints: Callable[[str], set[Complaint]]
) -> Iterator[Person]:
    """A second user in a browser of their own."""
    somebody = Person.with_browser(chromium, dashboard.url).log_in_directly("admin")
    yield somebody
    somebody.page.context.close()
    require_no_complaints(somebody, usual_complaints)


def show_issue(dashboard: Dashboard, issue_id: str) -> dict[str, Any]:
    found: dict[str, Any] = dashboard.host.get(f"/issues/{issue_id}")
    return found


def get_issue_id(page: Page) -> str:
    page.wait_for_url(re.compile(r"/issue\?.*issue=\d+"))
    return re.findall(r"issue=(\d+)", page.url)[0]


def expect_text(page: Page, text: str) -> None:
    expect(page.get_by_test_id("stMain").get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.slow
def test_two_users_solve_a_failure_and_find_it_at_the_next_one(
    person: Person, other: Person, dashboard: Dashboard, sick: str
) -> None:
    theirs = other.open("/issues")
    mine = person.log_in_directly("ed").open(f"/result?result={sick}")
    mine.get_by_text("Likely causes").click()
    expect_text(mine, "Next step:")
    person.wait_until_drawn()
    assert find_violations(mine) == []
    mine.get_by_role("link", name="Open an issue").click()
    mine.get_by_role("heading", name="New issue").wait_for()
    person.wait_until_drawn()
    assert mine.get_by_label("Title", exact=True).input_value().startswith("Check")
    mine.get_by_role("button", name="Insert the figure of the result").click()
    expect(mine.get_by_role("textbox", name="Description")).to_have_value(
        re.compile(rf"!\[.*\]\(result:{sick}\)")
    )
    mine.get_by_role("button", name="Open issue").dblclick()
    issue_id = get_issue_id(mine)
    mine.locator(".main-svg").first.wait_for()  # the figure of the result
    title = show_issue(dashboard, issue_id)["title"]

    theirs.get_by_role("cell").get_by_role("link", name=title).click()  # the list follows events
    theirs.get_by_role("heading", level=1, name=title).wait_for()
    theirs.locator(".main-svg").first.wait_for()
    other.wait_until_drawn()
    theirs.get_by_role("textbox", name="Comment").fill("Is the **drive line** connected?")
    theirs.get_by_role("button", name="Comment", exact=True).dblclick()
    expect_text(mine, "drive line")
    assert mine.locator("strong", has_text="drive line").count() == 1
    person.wait_until_drawn()
    mine.get_by_role("textbox", name="Comment").fill("A bond was broken.")
    mine.get_by_role("button", name="Close").click()
    expect_text(theirs, "closed the issue with this comment")
    shown = show_issue(dashboard, issue_id)
    assert [one["text"] for one in shown["comments"]] == [
        "Is the **drive line** connected?",
        "A bond was broken.",
    ]
    assert (shown["state"], shown["closed_by"]) == ("closed", "ed")

    person.open(f"/result?result={fail(dashboard)}")
    expect_text(mine, "What was it last time?")
    expect_text(mine, "A bond was broken.")


@pytest.mark.release
def test_two_edits_of_a_description_are_a_conflict(
    person: Person, other: Person, dashboard: Dashboard
) -> None:
    opened = dashboard.host.send_request("POST", "/issues", {"title": "Two authors", "body": "first"})
    issue_id = opened.body["issue_id"]
    mine = person.log_in_directly("ed").open(f"/issue?issue={issue_id}")
    theirs = other.open(f"/issue?issue={issue_id}")
    for page in (mine, theirs):
        page.get_by_role("button", name="Edit", exact=True).click()
    for page, text in ((theirs, "theirs"), (mine, "mine")):
        page.get_by_role("textbox", name="Description").fill(text)
    theirs.get_by_role("button", name="Save").click()
    expect_text(mine, "theirs")
    expect(mine.get_by_role("textbox", name="Description")).to_have_value("mine")
    mine.get_by_role("button", name="Save").click()
    expect_text(mine, "Another user changed the same fields")
    mine.get_by_role("button", name="Overwrite with mine").click()
    expect_text(theirs, "mine")
    assert show_issue(dashboard, issue_id)["body"] == "mine"


@pytest.mark.release
def test_an_issue_is_opened_and_commented_with_the_keyboard(person: Person, dashboard: Dashboard) -> None:
    page = person.log_in_directly("ed").open("/qubit?chip=bench&qubit=0")
    tab_to(page, "Open an issue", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="New issue").wait_for()
    person.wait_until_drawn()
    type_into(page, "Title", "the line rattles")
    tab_to(page, "Open issue")
    page.keyboard.press("Enter")
    issue_id = get_issue_id(page)
    page.get_by_role("heading", level=1, name="the line rattles").wait_for()
    person.wait_until_drawn()
    type_into(page, "Comment", "tightened")
    tab_to(page, "Close")
    page.keyboard.press("Enter")
    expect_text(page, "closed the issue with this comment")
    shown = show_issue(dashboard, issue_id)
    assert (shown["state"], shown["targets"]) == ("closed", ["0"])


@pytest.mark.release
def test_the_map_marks_targets_with_open_issues(person: Person, other: Person, dashboard: Dashboard) -> None:
    body = {"title": HOSTILE, "chip_id": "bench", "targets": ["3", "3-5"]}
    opened = dashboard.host.send_request("POST", "/issues", body).body["issue_id"]
    page = person.log_in_directly("vera").open("/chip?chip=bench&metric=t1")
    page.locator(_MAP).wait_for()
    for target in ("3", "3-5"):
        drawn = page.get_by_test_id(f"target-{target}")
        expect(drawn).to_have_attribute("data-signs", re.compile("issue"))
        expect(drawn).to_have_attribute(
            "aria-label", re.compile(re.escape(f"open issue #{opened}: {HOSTILE}"))
        )
    count = page.locator("[data-sign=issue] a").last
    assert count.get_attribute("data-count") == "1"
    page.get_by_test_id("target-3").hover()
    expect_text(page, f"open issue #{opened}: {HOSTILE}")
    other.open(f"/issue?issue={opened}").get_by_role("button", name="Close").click()
    expect(page.get_by_test_id("target-3")).not_to_have_attribute("data-signs", re.compile("issue"))


@pytest.mark.slow
def test_hostile_texts_are_shown_as_they_are_written(person: Person, dashboard: Dashboard) -> None:
    fields = {
        "title": HOSTILE,
        "body": HOSTILE,
        "labels": [HOSTILE[:28]],
        "chip_id": "bench",
        "targets": ["4"],
    }
    issue_id = dashboard.host.send_request("POST", "/issues", fields).body["issue_id"]
    dashboard.host.send_request("POST", f"/issues/{issue_id}/comments", {"text": HOSTILE})
    dialogs: list[str] = []
    person.page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
    page = person.log_in_directly("ed").page
    for address in (
        f"/issue?issue={issue_id}",
        "/issues",
        "/qubit?chip=bench&qubit=4",
        "/qubit?chip=bench",
        "/new-issue?chip=bench&target=4",
        "/chip?chip=bench&target=4",
    ):
        person.open(address)
        page.get_by_text(HOSTILE).or_(page.get_by_text(f"#{issue_id}")).first.wait_for()
        assert page.locator("img[src=x]").count() == 0, address
    assert dialogs == []


@pytest.mark.release
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_and_a_narrow_window_are_accessible(
    person: Person, dashboard: Dashboard, scheme: Any
) -> None:
    page = person.log_in_directly("admin").page
    page.emulate_media(color_scheme=scheme)
    for width in (900, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for address in (
            f"/issue?issue={dashboard.issue}",
            "/issues?state=any",
            f"/new-issue?result={dashboard.result}",
        ):
            person.open(address)
            page.get_by_text("T1 jumps").first.wait_for()
            if address.startswith("/issue?"):
                page.get_by_role("button", name="Edit", exact=True).first.click()
                page.get_by_role("textbox", name="Description").wait_for()
                person.wait_until_drawn()
            found = find_violations(page)
            assert found == [], (scheme, width, address)
            wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
            assert wide <= page.evaluate("document.querySelector('[data-testid=stMain]').clientWidth")


_TRANSFER = """(field, [name, bytes, kind]) => {
  const box = new DataTransfer();
  box.items.add(new File([new Uint8Array(bytes)], name));
  field.focus();
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") field.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: box }));
  else for (const one of ["dragenter", "dragover", "drop"])
    field.dispatchEvent(new DragEvent(one, { ...options, dataTransfer: box }));
}"""
"""Pastes a file into a text field, or drops it there, as a person does."""
_IS_DRAWN = """caption => [...document.querySelectorAll("[data-testid=stMain] img")].some(
  image => image.alt === caption && (image.scrollIntoView(), image.complete && image.naturalWidth > 0))"""


def transfer(page: Page, label: str, kind: str, name: str, contents: bytes) -> None:
    page.get_by_role("textbox", name=label).evaluate(_TRANSFER, [name, list(contents), kind])


def expect_drawn(page: Page, caption: str) -> None:
    page.wait_for_function(_IS_DRAWN, arg=caption)


@pytest.mark.slow
def test_files_are_pasted_dropped_and_chosen_and_stay_when_the_form_is_refused(
    person: Person, dashboard: Dashboard
) -> None:
    page = person.log_in_directly("ed").open("/new-issue")
    text = page.get_by_role("textbox", name="Description")
    text.fill("> Before.\nAfter.")
    text.evaluate("field => field.setSelectionRange(9, 9)")
    for kind, count in (("paste", 1), ("drop", 2)):
        transfer(page, "Description", kind, "image.png", make_picture(size=(60, 30)))
        expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(count)
        person.wait_until_drawn()
    chosen = page.locator("input[type=file]")
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploader").get_by_text("Upload", exact=True).click()
    assert (chosen.get_attribute("accept") or "").startswith("image/*,")  # phones offer their camera
    chooser.value.set_files({"name": "trace.csv", "mimeType": "text/csv", "buffer": b"a,b\n"})
    written = "\n".join(
        [
            "> Before.",
            "",  # a picture is no part of the quotation before it
            "![image.png](file:image.png)",
            "![image-2.png](file:image-2.png)",
            "[trace.csv](file:trace.csv)",
            "After.",
        ]
    )
    expect(text).to_have_value(written)
    chosen.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"})
    expect_text(page, "a.png is not a complete picture of type image/png")
    person.wait_until_drawn()

    page.get_by_role("button", name="Open issue").click()  # without a title
    expect_text(page, "title")
    person.wait_until_drawn()
    expect(text).to_have_value(written)
    page.get_by_role("button", name="Preview").click()
    expect_drawn(page, "image-2.png")
    assert find_violations(page) == []
    page.get_by_label("Title", exact=True).fill("Loose cable")
    page.get_by_role("button", name="Open issue").dblclick()
    issue_id = get_issue_id(page)
    expect_drawn(page, "image.png")
    person.wait_until_drawn()
    shown = show_issue(dashboard, issue_id)
    assert [one["name"] for one in shown["attachments"]] == ["image-2.png", "image.png", "trace.csv"]
    assert shown["body"] == written

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="image.png", exact=True).first.click()
    opened.value.wait_for_function("() => document.images[0]?.naturalWidth === 60")
    opened.value.close()
    with page.expect_download() as saved:
        page.get_by_role("link", name="trace.csv", exact=True).first.click()
    assert saved.value.suggested_filename == "trace.csv"
    transfer(page, "Comment", "paste", "photo.jpg", make_photograph())
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("![photo.jpg](file:photo.jpg)\n")
    person.wait_until_drawn()
    page.get_by_role("button", name="Comment", exact=True).click()
    expect_drawn(page, "photo.jpg")
    person.wait_until_drawn()
    assert find_violations(page) == []


@pytest.mark.slow
def test_viewers_see_the_files_of_an_issue_and_attach_none(person: Person, dashboard: Dashboard) -> None:
    made = dashboard.host.send_request(
        "POST", "/issues", {"title": "Seen", "body": "![cable](file:cable.png)"}
    )
    issue_id = str(made.body["issue_id"])
    page = person.log_in_directly("vera").open(f"/issue?issue={issue_id}")
    expect_text(page, "[cable: no such file is attached]")
    assert page.locator("input[type=file]").count() == 0
