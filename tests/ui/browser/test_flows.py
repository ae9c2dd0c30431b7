"""Flows page in the browser: flows are written, checked, run and planned, and nothing in them runs in the browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from .person import Person
from .test_entity_page import tab_to, type_into

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from .dashboard_server import Dashboard


EVIL = "<img src=x onerror=alert(1)>"
FLOW = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def night(username, chip_id, qids, *, rounds: int = 1):
    """T1 again and again."""
    cal = CalibService(username, chip_id, flow_name="night")
    for _ in range(rounds):
        cal.run(QubitTargets(qids), steps=[CustomOneQubit(tasks=["CheckT1"])])
    cal.finish_calibration()
'''
MISTAKES = [
    ("rounds: int = 1):", "rounds: int = 1:", "Line 6, column 54: invalid syntax"),
    ("    for _", "   for _", "Line 9.*: unindent"),
    ("def night", "async def night", "Line 6, column 1: night is asynchronous"),
    ("import CustomOneQubit\n", "import CustomOneQbit\n", "Line 2.*did you mean 'CustomOneQubit'"),
    ("flow_name=", "flow_nam=", "Line 8.*did you mean 'flow_name'"),
    ("cal.finish_calibration", "cal.finish_calibratoin", "Line 11.*did you mean 'finish_calibration'"),
    ('"CheckT1"', '"CheckT11"', "Line 10.*there is no task 'CheckT11'; did you mean 'CheckT1'"),
    ("range(rounds)", "range(round_)", "Line 9, column 20: undefined name 'round_'"),
    (
        "from qdash_core.flows.targets import QubitTargets\n",
        "",
        "Line 9.*undefined name 'QubitTargets'; instead: from qdash_core.flows.targets import QubitTargets",
    ),
    ("def night", "def _night", "Line 1.*no function 'main' to run"),
]
BEGUN = re.compile("is (queued|running|completed)")


@pytest.fixture
def other(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """Another administrator."""
    person = Person.with_browser(chromium, dashboard.url).log_in_directly("admin")
    yield person
    person.page.context.close()


def open_editor(person: Person, address: str) -> Page:
    page = person.open(address)
    page.locator(".cm-content").wait_for()
    page.get_by_text(re.compile("A run calls|No problem|error|warning")).first.wait_for()
    person.wait_until_drawn()
    return page


def replace_text(page: Page, text: str) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def expect_status(page: Page, text: str) -> None:
    expect(page.locator(".status")).to_have_text(text)


def save_flow(dashboard: Dashboard, name: str, source: str = FLOW, **given: str) -> None:
    answer = dashboard.host.send_request("PUT", f"/flows/{name}", {"source": source, **given})
    assert answer.status == 200, answer


@pytest.mark.slow
def test_a_first_flow_is_written_saved_run_and_planned_with_the_keyboard(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open("/flows")
    tab_to(page, "New flow …")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    type_into(page, "Name", "first-one")
    page.keyboard.press("Enter")
    tab_to(page, "Open the editor")
    page.keyboard.press("Enter")
    page.get_by_text("with the arguments rounds, shots of its form").wait_for()
    admin.wait_until_drawn()
    tab_to(page, "first-one.py: press Escape, then Tab to leave the editor")
    page.keyboard.press("Control+End")
    page.keyboard.type("# Che")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.get_by_text("Version 1 is saved.").wait_for()
    admin.wait_until_drawn()
    page.keyboard.press("Escape")
    tab_to(page, "Run", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Newest runs").wait_for()
    admin.wait_until_drawn()
    type_into(page, "Qubits", "0")
    page.keyboard.press("Tab")
    admin.wait_until_drawn()
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    page.get_by_text(BEGUN).wait_for()
    page.get_by_text(re.compile(r"Run \S+ is completed")).wait_for()
    page.get_by_role("row").filter(has_text="completed").first.wait_for()
    page.get_by_role("log").get_by_text("CheckT1").first.wait_for()
    executions = dashboard.host.get("/executions?limit=5")["items"]
    assert [one["status"] for one in executions if one["name"] == "first-one"] == ["completed"]

    page.get_by_role("combobox", name="When to start").click()
    page.get_by_role("option", name="Every day").click()
    page.get_by_text("At 22:00 every day").wait_for()
    expect(page.locator("ol time")).to_have_count(3)
    type_into(page, "Name of the timetable", "every-night")
    page.keyboard.press("Tab")
    tab_to(page, "Create timetable")
    page.keyboard.press("Enter")
    page.get_by_text("Timetable every-night created").wait_for()
    assert dashboard.host.get("/timetables/every-night")["request"]["flow"] == "first-one"


@pytest.mark.parametrize(
    "mistakes",
    [
        pytest.param(MISTAKES[5:8], id="three", marks=pytest.mark.slow),
        pytest.param(MISTAKES, id="all", marks=pytest.mark.release),
    ],
)
def test_each_mistake_is_shown_at_its_line_while_it_is_typed(
    admin: Person, mistakes: list[tuple[str, str, str]]
) -> None:
    page = open_editor(admin, "/flows?flow=mistakes&start=example&chip=bench")
    for before, after, said in mistakes:
        text = FLOW.replace(before, after)
        assert text != FLOW
        replace_text(page, text)
        page.get_by_role("button", name=re.compile(said)).wait_for()
    replace_text(page, FLOW)
    page.get_by_text("A run calls night with the arguments rounds of its form.").wait_for()
    expect(page.locator(".problems li")).to_have_count(0)


@pytest.mark.slow
def test_names_of_steps_tasks_and_parameters_are_completed(admin: Person) -> None:
    page = open_editor(admin, "/flows?flow=names&start=example&chip=bench")
    for typed, offered in (
        ("CustomTw", "CustomTwoQubit"),
        ("CheckRam", "CheckRamsey"),
        ("time_ra", "time_range"),
    ):
        page.locator(".cm-content").focus()
        page.keyboard.press("Control+End")
        page.keyboard.type(f" {typed}")
        # By a click: the list takes no key in the moment after it has changed, and it changes with each answer.
        page.get_by_role("option", name=re.compile(offered), selected=True).click()
        expect(page.locator(".cm-content")).to_contain_text(offered)


@pytest.mark.release
def test_an_unsaved_flow_is_there_again_after_another_page(admin: Person, dashboard: Dashboard) -> None:
    save_flow(dashboard, "kept")
    page = open_editor(admin, "/flows?flow=kept&chip=bench")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("# more")
    page.get_by_role("button", name="Discard changes").wait_for()
    admin.wait_until_drawn()
    page.get_by_test_id("stMainBlockContainer").get_by_role("link", name="Run", exact=True).click()
    page.get_by_text("your unsaved changes are not in it").wait_for()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", name="Overview").wait_for()
    admin.wait_until_drawn()
    page.go_back()
    page.get_by_text("your unsaved changes are not in it").wait_for()
    admin.wait_until_drawn()
    page.get_by_role("link", name="Source", exact=True).click()
    expect(page.locator(".cm-line").last).to_have_text("# more")
    assert asked == []
    page.evaluate("() => setTimeout(() => location.reload())")
    page.wait_for_event("dialog")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Discard changes").click()
    page.get_by_role("button", name="Discard changes").wait_for(state="detached")
    admin.wait_until_drawn()
    expect_status(page, "No unsaved changes")
    expect(page.locator(".cm-line").last).to_have_text("")


@pytest.mark.release
def test_a_version_that_somebody_else_saved_is_shown_and_the_user_chooses(
    admin: Person, other: Person, dashboard: Dashboard
) -> None:
    save_flow(dashboard, "shared")
    page = open_editor(admin, "/flows?flow=shared&chip=bench")
    replace_text(page, f"{FLOW}# mine")
    save_flow(dashboard, "shared", f"{FLOW}# theirs")
    page.keyboard.press("Control+s")
    page.get_by_text("Somebody else changed the flow").wait_for()
    page.get_by_text("-# theirs").wait_for()
    page.get_by_text("+# mine").wait_for()
    assert dashboard.host.get("/flows/shared")["saved"]["version"] == 2
    page.get_by_role("button", name="Overwrite with mine").click()
    page.get_by_text("Version 3 is saved.").wait_for()
    assert dashboard.host.get("/flows/shared")["saved"]["source"].endswith("# mine")

    theirs = open_editor(other, "/flows?flow=shared&chip=bench")
    replace_text(theirs, f"{FLOW}# late")
    save_flow(dashboard, "shared", f"{FLOW}# early")
    theirs.keyboard.press("Control+s")
    theirs.get_by_role("button", name="Keep theirs").click()
    theirs.get_by_text("Somebody else").wait_for(state="detached")
    expect(theirs.locator(".cm-line").last).to_have_text("# early")


@pytest.mark.release
def test_a_version_is_compared_and_restored(admin: Person, dashboard: Dashboard) -> None:
    save_flow(dashboard, "old")
    save_flow(dashboard, "old", FLOW.replace("rounds: int = 1", "rounds: int = 9"))
    page = admin.open("/flows?flow=old&view=versions&version=1")
    page.get_by_text("+def night(username, chip_id, qids, *, rounds: int = 1):").wait_for()
    page.get_by_role("button", name="Restore …").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    page.get_by_role("rowheader", name="3", exact=True).wait_for()
    assert dashboard.host.get("/flows/old")["saved"]["source"] == FLOW

    page = open_editor(admin, "/flows?flow=old&chip=bench")
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("This flow was deleted").wait_for()
    assert dashboard.host.send_request("GET", "/flows/old").status == 404
    page = admin.open("/flows?view=deleted")
    page.get_by_role("link", name="old", exact=True).click()
    page.get_by_role("button", name="Restore …").click()
    page.get_by_role("dialog").get_by_text("as version 4. It can be started again").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    page.get_by_text("A run calls night").wait_for()
    assert dashboard.host.get("/flows/old")["saved"]["version"] == 4


@pytest.mark.release
def test_an_installed_flow_is_copied(admin: Person, dashboard: Dashboard) -> None:
    page = admin.open("/flows?flow=check&chip=bench")
    page.get_by_role("button", name="Copy as a new flow …").click()
    page.get_by_role("dialog").get_by_label("Name").fill("my-check")
    page.get_by_label("Name").press("Enter")
    page.get_by_role("button", name="Open the editor").click()
    page.get_by_text("A run calls check.").wait_for()
    admin.wait_until_drawn()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Version 1 is saved.").wait_for()
    page.get_by_test_id("stMainBlockContainer").get_by_role("link", name="Run", exact=True).click()
    page.get_by_role("heading", name="Newest runs").wait_for()
    admin.wait_until_drawn()
    page.get_by_role("textbox", name="Qubits").fill("0-1")
    page.get_by_role("textbox", name="Qubits").press("Enter")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_text(re.compile("8 tasks on 2 targets, about .* of laboratory time")).wait_for()
    page.get_by_text("Read from the text of the flow, of which nothing was run").wait_for()


@pytest.mark.release
def test_a_double_click_on_start_begins_one_run(admin: Person, dashboard: Dashboard) -> None:
    save_flow(dashboard, "twice", FLOW.replace('flow_name="night"', 'flow_name="twice"'))
    page = admin.open("/flows?flow=twice&view=run&chip=bench")
    page.get_by_role("textbox", name="Qubits").fill("0")
    page.get_by_role("textbox", name="Qubits").press("Enter")
    admin.wait_until_drawn()
    page.get_by_role("button", name="Start", exact=True).dblclick()
    page.get_by_text(BEGUN).wait_for()
    page.get_by_role("row").filter(has_text="completed").first.wait_for()
    executions = dashboard.host.get("/executions?limit=10")["items"]
    assert len([one for one in executions if one["name"] == "twice"]) == 1


@pytest.mark.release
def test_a_viewer_reads_and_an_editor_without_the_right_checks_and_copies(
    person: Person, dashboard: Dashboard
) -> None:
    save_flow(dashboard, "readable")
    page = open_editor(person.log_in_directly("vera"), "/flows?flow=readable&chip=bench")
    page.get_by_text("Viewers read, copy and check flows").wait_for()
    page.get_by_role("textbox", name="readable.py: read only").wait_for()
    expect(page.get_by_role("button", name=re.compile("Save|Delete"))).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_text() == FLOW

    person.log_in_directly("ed")
    page = open_editor(person, "/flows?flow=readable&chip=bench")
    page.get_by_text("not save: a worker runs saved flows with all its rights").wait_for()
    expect(page.get_by_role("button", name=re.compile("Save|Delete"))).to_have_count(0)
    replace_text(page, FLOW.replace("CheckT1", "CheckT11"))
    page.get_by_role("button", name=re.compile("did you mean 'CheckT1'")).wait_for()
    assert dashboard.host.get("/flows/readable")["saved"]["version"] == 1


@pytest.mark.release
def test_names_titles_and_sources_of_flows_run_nothing(admin: Person, dashboard: Dashboard) -> None:
    source = f'"""{EVIL}"""\n\ndef evil(chip_id, *, x: str = "{EVIL}"):\n    """{EVIL}</script><script>alert(2)</script>[a](javascript:alert(3))"""\n'
    save_flow(dashboard, "evil", source, description=f"{EVIL}[a](javascript:alert(3))")
    save_flow(dashboard, "evil", f"{source}# {EVIL}\n")
    page = admin.page
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    for address in (
        "/flows",
        "/flows?flow=evil&chip=bench",
        "/flows?flow=evil&view=run&chip=bench",
        "/flows?flow=evil&view=versions&version=2",
        f"/flows?flow={quote(EVIL)}&start={quote(EVIL)}",
        f"/flows?flow=evil2&start={quote(EVIL)}&chip=bench",
        f"/flows?flow={quote(EVIL)}",
        f"/flows?flow=evil&view=run&chip=bench&run={quote(EVIL)}",
    ):
        admin.open(address)
        assert page.locator("img[src=x], a[href^='javascript:']").count() == 0
    assert opened == []


@pytest.mark.release
def test_a_copy_of_an_installed_flow_is_run_and_planned_with_the_keyboard(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open("/flows")
    tab_to(page, "New flow …")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    type_into(page, "Name", "keyed")
    page.keyboard.press("Enter")
    tab_to(page, "Start from")
    page.keyboard.type("check")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text("Check of calibrated qubits").wait_for()
    admin.wait_until_drawn()
    tab_to(page, "Open the editor")
    page.keyboard.press("Enter")
    page.get_by_text("A run calls check.").wait_for()
    admin.wait_until_drawn()
    tab_to(page, "keyed.py: press Escape, then Tab to leave the editor")
    page.keyboard.press("Control+s")
    page.get_by_text("Version 1 is saved.").wait_for()
    admin.wait_until_drawn()
    page.keyboard.press("Escape")
    tab_to(page, "Run", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Newest runs").wait_for()
    admin.wait_until_drawn()
    type_into(page, "Qubits", "0")
    page.keyboard.press("Tab")
    admin.wait_until_drawn()
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    page.get_by_text(BEGUN).wait_for()
    page.get_by_text(re.compile(r"Run \S+ is completed")).wait_for()

    tab_to(page, "Now", back=True)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_text("At 02:00 every day").wait_for()
    admin.wait_until_drawn()
    type_into(page, "Name of the timetable", "keyed-nights")
    page.keyboard.press("Tab")
    tab_to(page, "Create timetable")
    page.keyboard.press("Enter")
    page.get_by_text("Timetable keyed-nights created").wait_for()
    assert dashboard.host.get("/timetables/keyed-nights")["request"]["flow"] == "keyed"
