"""The workbench and the schedule page in a browser: from a parameter to the result, with the keyboard, with hostile addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from .person import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from .dashboard_server import Dashboard
    from .person import Person

_HOSTILE = (
    '<img src=x onerror="window.hostile=1">',
    "![x](http://elsewhere.invalid/x.png)",
    "[x](javascript:window.hostile=1)",
    "</script><script>window.hostile=1</script>",
)


def list_runs(dashboard: Dashboard, *, status: str = "") -> list[str]:
    of = f"&status={status}" if status else ""
    found: list[dict[str, Any]] = dashboard.host.get(f"/executions?limit=200{of}")["items"]
    return [one["execution_id"] for one in found]


class MessageGate:
    """Gate that can hold back the messages of the dashboard's server to a page. Events of the host do not pass it."""

    def __init__(self, page: Page) -> None:
        self._held: list[tuple[WebSocketRoute, str | bytes]] | None = None
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, to_page: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if self._held is None:
                to_page.send(message)
            else:
                self._held.append((to_page, message))

        to_page.connect_to_server().on_message(pass_on)

    def hold(self) -> None:
        """Keep messages from now on."""
        self._held = []

    def release(self) -> None:
        """Pass on the kept messages, and all from now on."""
        held, self._held = self._held or [], None
        for to_page, message in held:
            to_page.send(message)


def get_shots_field(page: Page) -> Any:
    return page.get_by_role("textbox", name="shots")


@pytest.mark.slow
def test_a_start_pressed_twice_is_one_run_whose_result_appears_beside_the_previous_one(
    admin: Person, dashboard: Dashboard
) -> None:
    messages = MessageGate(admin.page)
    page = admin.open("/workbench?chip=bench&task=CheckT1&targets=1")
    page.get_by_role("link", name="Previous result").wait_for()
    before = list_runs(dashboard)
    get_shots_field(page).fill("7")
    get_shots_field(page).press("Enter")
    page.get_by_text("7 is below the minimum of 16").wait_for()
    page.get_by_text("Correct the marked fields first.").wait_for()
    get_shots_field(page).fill("512")
    get_shots_field(page).press("Enter")
    expect(page).to_have_url(re.compile(r"p\.shots=512"))
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled()
    messages.hold()  # the run ends before the page shows that it runs
    start.dblclick()
    for _ in range(PATIENCE_MS // 200):
        page.wait_for_timeout(200)
        if list_runs(dashboard, status="completed") != before:
            break
    page.wait_for_timeout(500)
    messages.release()
    page.get_by_role("link", name="New result").wait_for()
    page.locator("table", has_text="Difference").get_by_role("cell", name="T1").first.wait_for()
    page.get_by_role("row", name=re.compile("run parameter shots 1024 512")).wait_for()
    (started,) = set(list_runs(dashboard)) - set(before)
    expect(page).to_have_url(re.compile(f"execution={started}"))

    page.reload()
    page.get_by_role("link", name="New result").wait_for()
    expect(get_shots_field(page)).to_have_value("512")


@pytest.mark.release
def test_a_run_is_started_with_the_keyboard_alone(admin: Person, dashboard: Dashboard) -> None:
    page = admin.open("/workbench?chip=bench&task=CheckT1&targets=0")
    before = list_runs(dashboard)
    get_shots_field(page).focus()
    page.keyboard.type("256")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"p\.shots=256"))
    admin.wait_until_drawn()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.innerText").endswith("Start"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("link", name="New result").wait_for()
    assert len(set(list_runs(dashboard)) - set(before)) == 1


@pytest.mark.slow
def test_steps_are_painted_without_a_request_and_targets_are_reached_with_the_keyboard(
    admin: Person, dashboard: Dashboard
) -> None:
    page = admin.open("/schedule?chip=bench&kind=qubit&qubit_strategies=uncoupled,serial")
    serial = page.get_by_test_id("schedule-serial")
    serial.wait_for()
    asked = len(dashboard.list_requests("admin"))
    page.get_by_test_id("step").focus()
    for number in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_test_id("step-text")).to_have_text(re.compile(f"Step {number} of"))
        expect(serial.locator("[data-when=now]")).to_have_count(1)
    now = serial.locator("[data-when=now]")
    expect(now).to_have_attribute(
        "aria-label", re.compile(r"Qubit \d+: group 2 of \d+, measured in this step")
    )
    assert now.locator(".group").text_content() == "2"

    serial.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("why")).to_contain_text("cannot be measured together")
    expect(serial.locator(".excluded").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("why")).to_contain_text("Select a target")

    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("step-text")).to_have_text(re.compile("Step 3 of"))
    page.get_by_test_id("play").click()
    expect(page).to_have_url(re.compile(r"&step=[3-9]$"))
    assert dashboard.list_requests("admin")[asked:] == []

    admin.open("/schedule?chip=bench&kind=qubit&qubit_strategies=uncoupled,serial&step=2")
    expect(page.get_by_test_id("step-text")).to_have_text(re.compile("Step 2 of"))
    page.get_by_role("button", name="previous group").press("Enter")
    expect(page).to_have_url(re.compile(r"&step=1$"))


@pytest.mark.release
def test_a_hostile_address_runs_nothing_and_loads_nothing(admin: Person, dashboard: Dashboard) -> None:
    before = list_runs(dashboard)
    written = quote(" ".join(_HOSTILE))
    of_run = ("p.shots", "p.reset", "i.qubit_frequency", "execution", "before", "shown")
    params = "".join(f"&{name}={written}" for name in of_run)
    for address in (
        f"/workbench?chip=bench&task=CheckT1&targets=0-1{params}",
        f"/workbench?chip=bench&task={written}&targets={written}",
        f"/schedule?chip=bench&kind=qubit&flow={written}&qubit_strategies={written}",
        f"/schedule?chip=bench&kind=qubit&targets={written}",
    ):
        admin.open(address)
        assert admin.page.evaluate("() => window.hostile") is None
    assert list_runs(dashboard) == before


@pytest.mark.slow
def test_another_site_starts_nothing(admin: Person, dashboard: Dashboard) -> None:
    before = list_runs(dashboard)
    body = {"chip_id": "bench", "flow": "CheckT1", "single": "1", "inputs": {"t1": {"value": 1}}}
    answer = admin.page.context.request.post(
        f"{admin.url}/host/-/executions", data=body, headers={"origin": "http://elsewhere.invalid"}
    )
    assert answer.status in (403, 404, 405)
    admin.open("/workbench?chip=bench&task=CheckT1&targets=1&p.shots=64&saved=on&start=on")
    assert list_runs(dashboard) == before
