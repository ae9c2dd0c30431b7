"""Every state with an address: it loads with few requests, is accessible in light and in dark, and cuts nothing off."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import require_no_complaints
from .person import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, Page

    from .dashboard_server import Dashboard
    from .person import Complaint

_SERIOUS = ("serious", "critical")
_STANDARD = "wcag"
"""Start of the tags of rules that a standard requires, of levels A and AA; others are advice."""
_AXE: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""WCAG 2.2 has the size of targets, which is off by default."""
_CONTEXT = {"exclude": [".main-svg", "[data-testid=stToast]", "[role=spinbutton]"]}
"""The contents of a figure are thousands of elements without readable text; Streamlit gives its short messages no name; the parts of a
time are narrow, but the calendar beside them sets them, too."""
_FIND_CUT_OFF = Path(__file__).with_name("layout.js").read_text("utf-8")
_WIDTHS = (1440, 390)
_OTHER_WIDTHS = (2560, 1024)


@dataclass(frozen=True)
class State:
    """A state of the dashboard.

    Parameters
    ----------
    address : str
        Its address; `{execution}`, `{result}` and `{issue}` are replaced by those of the chip.
    heading : str
        Heading of the page.
    shows : str
        Selector of an element that only this state has.
    asks : int
        Largest number of requests to the host on a load.
    search : str
        Text that is typed into the search after the load, or empty.
    """

    address: str
    heading: str
    shows: str
    asks: int
    search: str = ""


STATES = {
    "overview": State("/", "Overview", "text=what to do next", 17),
    "map": State("/chip?chip=bench&metric=t1", "Chip bench", "svg.map[data-metric=t1]", 13),
    "target": State("/chip?chip=bench&metric=t1&target=1", "Chip bench", "[data-testid=panel]", 15),
    "new chip": State("/new-chip?topology=linear-16", "New chip", "text=16 qubits", 8),
    "edit chip": State("/edit-chip?chip=bench", "Edit chip bench", "text=Delete chip", 8),
    "export": State("/chip-export?chip=bench&format=csv", "Export", "text=Download bench.csv", 8),
    "import": State("/chip-import?chip=bench", "Import values", "text=compared with those of the chip", 6),
    "table": State("/chip?chip=bench&view=values", "Chip bench", "td.judged", 12),
    "figures": State("/chip?chip=bench&view=figures&task=CheckT1", "Chip bench", ".sheet svg", 12),
    "yield": State("/chip?chip=bench&view=yield", "Chip bench", "text=Yield", 12),
    "notes": State("/chip?chip=bench&view=notes", "Chip bench", "text=No notes in this time", 12),
    "changes": State("/chip?chip=bench&view=changes", "Chip bench", "text=Revert values", 12),
    "releases": State("/chip?chip=bench&view=releases", "Chip bench", "text=No releases yet", 12),
    "scopes": State("/chip?chip=bench&view=scopes", "Chip bench", "text=No value scopes yet", 12),
    "design": State("/chip?chip=bench&view=design", "Chip bench", "text=No wiring on record", 13),
    "qubit": State("/qubit?chip=bench&qubit=1&task=CheckT1&metric=t1", "Qubit 1", "text=CheckT1", 21),
    "point": State(
        "/qubit?chip=bench&qubit=1&metric=t1&point={result}", "Qubit 1", "text=open the result of CheckT1", 23
    ),
    "origin": State(
        "/qubit?chip=bench&qubit=1&metric=average_gate_fidelity&origin=on",
        "Qubit 1",
        ".provenance a >> text=CheckRamsey",
        25,
    ),
    "impact": State(
        "/result?result={result}&impact=on&origin=on", "CheckT1", ".provenance a >> text=CheckRamsey", 13
    ),
    "coupling": State("/coupling?chip=bench&coupling=0-1", "Coupling 0-1", "text=ZX90", 19),
    "executions": State("/executions?tag=first", "Executions", "text={execution}", 8),
    "results": State(
        "/executions?view=results&verdict=accepted&task=CheckT1", "Executions", "text=CheckT1", 8
    ),
    "queue": State("/executions?view=queue", "Executions", "a[aria-current] >> text=Queue", 8),
    "execution": State(
        "/execution?execution={execution}&outcome=accepted", "{execution}", "tbody >> text=CheckT1", 10
    ),
    "timeline": State("/execution?execution={execution}&view=timeline", "{execution}", "text=more tasks", 10),
    "log": State("/execution?execution={execution}&view=log", "{execution}", "[role=log]", 10),
    "result": State("/result?result={result}", "CheckT1", "text=t1", 10),
    "overlay": State(
        "/result?result={result}&with={result}", "CheckT1", "text=because it is drawn already", 11
    ),
    "flows": State("/flows", "Flows", "tbody >> text=relax", 5),
    "installed flow": State("/flows?flow=check&chip=bench", "check", ".tok-keyword", 8),
    "new flow": State("/flows?flow=mine&start=example&chip=bench", "mine", "text=A run calls", 12),
    "saved flow": State("/flows?flow=relax&chip=bench", "relax", "text=A run calls", 12),
    "flow run": State("/flows?flow=relax&view=run&chip=bench", "relax", "text=No run of relax", 14),
    "flow versions": State("/flows?flow=relax&view=versions", "relax", ".tok-keyword", 8),
    "deleted flows": State("/flows?view=deleted", "Flows", "tbody >> text=former", 5),
    "deleted flow": State("/flows?flow=former", "former", "text=This flow was deleted", 9),
    "run": State("/run?chip=bench&targets=1", "Run", "text=Forecast", 8),
    "timetables": State("/timetables?timetable=later", "Timetables", "text=Missed starts", 6),
    "compare": State("/compare?chip=bench&before=friday", "Compare", "text=is not a point in time", 12),
    "compared": State("/compare?chip=bench&before=now", "Compare", "text=No difference", 12),
    "workbench": State(
        "/workbench?chip=bench&task=CheckT1&targets=1&p.shots=64&i.qubit_frequency=5.1",
        "Workbench",
        "text=Previous result",
        12,
    ),
    "region": State("/workbench?chip=bench&task=CheckT1&targets=0-1", "Workbench", "text=Results on", 12),
    "schedule": State("/schedule?chip=bench&kind=qubit", "Schedule", "svg.map text.group", 8),
    "schedule of couplings": State("/schedule?chip=bench&kind=coupling", "Schedule", "svg.map text.group", 8),
    "origin page": State(
        "/origin?chip=bench&target=1&metric=average_gate_fidelity",
        "Origin",
        ".provenance a >> text=CheckRamsey",
        11,
    ),
    "metrics": State("/metrics?chip=bench&metric=t1", "Metrics", ".st-key-metrics-histogram .main-svg", 8),
    "metric over time": State(
        "/metrics?chip=bench&metric=t1&view=time&targets=1", "Metrics", ".st-key-metrics-series .main-svg", 8
    ),
    "metric correlation": State(
        "/metrics?chip=bench&metric=t1&view=correlation&with=t2_echo&than=any&mode=best",
        "Metrics",
        "text=targets have both values",
        8,
    ),
    "metric table": State("/metrics?chip=bench&metric=t1&view=table", "Metrics", "tbody >> text=1", 8),
    "trends": State("/trends?chip=bench&metric=t1", "Trends", ".trends svg", 8),
    "review": State("/review?chip=bench", "Review", "text=awaits a decision", 12),
    "tasks": State("/tasks", "Tasks", "text=CheckT1", 6),
    "task": State("/tasks?task=CheckT1&chip=bench", "CheckT1", "text=Statistics", 8),
    "files": State("/files", "Files", "text=git work tree", 5),
    "folder": State("/files?root=lab&folder=params", "Files", "tbody >> text=t1.yaml", 6),
    "work tree": State("/files?root=config", "Files", "text=Commits to push", 7),
    "file": State("/files?root=config&file=chip.toml", "Files", ".tok-string", 6),
    "editor": State("/files?root=lab&file=params/t1.yaml&view=edit", "Files", "text=No unsaved changes", 6),
    "versions": State(
        "/files?root=config&file=chip.toml&view=history", "Files", "tbody >> text=committed", 7
    ),
    "raw data": State(
        "/files?root=executions&folder={execution}/raw-data", "Files", "tbody >> text=CheckT1", 6
    ),
    "assistant": State("/assistant?chip=bench&target=1", "Assistant", "text=tokens left for you today", 7),
    "notes of the project": State("/notes?q=pump", "Notes", "text=No notes match the filters", 8),
    "tags": State("/tags", "Tags", "tbody >> text=first", 5),
    "events": State("/events?chip=bench&kind=task.*", "Events", "tbody >> text=CheckT1", 7),
    "audit": State("/audit?user=admin", "Audit", "text=Download as CSV", 7),
    "cryostats": State("/cryostats?cryostat=K-0", "Cryostats", ".cooldowns .track a", 9),
    "cool-down": State(
        "/cooldown?cooldown=past", "Cool-down past", "text=No accepted value of chip bench", 12
    ),
    "locks": State("/locks", "Instrument locks", "text=No instrument is in use", 5),
    "issues": State("/issues?chip=bench&state=open", "Issues", "tbody >> text=T1 jumps", 8),
    "no issues": State("/issues?label=cables", "Issues", "text=No issues match the filters", 8),
    "issue": State("/issue?issue={issue}", "T1 jumps", "text=It also jumps at night", 8),
    "new issue": State("/new-issue?result={result}", "New issue", "text=T1 jumps", 8),
    "qubits": State("/qubit?chip=bench&issues=on", "Qubits of bench", "tbody >> text=#1", 6),
    "projects": State("/projects", "Projects", "text=New project", 6),
    "members": State("/members", "Members and tokens", "text=vera", 8),
    "plugins": State("/plugins", "Plugins and health", "text=qdash-api", 8),
    "settings": State("/settings", "Settings", "text=Time zone", 5),
    "entity": State("/fridge-readings", "Fridge readings", "text=Record a fridge reading", 4),
    "search": State("/flows?chip=bench", "Flows", "mark >> text=T1", 8, "t1 1"),
    "of a plugin": State("/cryostat", "Cryostat", "text=Who looks is admin", 3),
}


BEFORE_RELEASE = {
    *("edit chip", "table", "yield", "notes", "changes", "releases", "scopes", "design"),
    *("point", "origin", "impact", "coupling", "results", "queue", "timeline", "log", "qubits"),
    *("installed flow", "new flow", "flow run", "flow versions", "deleted flows", "deleted flow"),
    *("compare", "region", "schedule of couplings", "metric over time", "metric correlation", "metric table"),
    *("folder", "work tree", "file", "versions", "raw data", "no issues"),
    *("new chip", "export", "import", "origin page", "schedule", "compared", "saved flow", "task"),
    *("notes of the project", "tags", "events", "audit", "cryostats", "cool-down", "locks"),
    *("issues", "new issue", "projects", "members", "settings", "entity", "of a plugin"),
}
"""States beyond the pages that people have open all night, and further states of those."""


@pytest.fixture(scope="module")
def reader(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """A user logged in as `admin`, in one page: a new one would compile all scripts again."""
    person = Person.with_browser(chromium, dashboard.url).log_in_directly("admin")
    yield person
    person.page.context.close()


@pytest.fixture
def admin(reader: Person, usual_complaints: Callable[[str], set[Complaint]]) -> Iterator[Person]:
    """The same user, who reads one state and leaves it."""
    yield reader
    reader.page.goto("about:blank")
    try:
        require_no_complaints(reader, usual_complaints)
    finally:
        reader.complaints.clear()
        reader.foreign_requests.clear()


_HEIGHT = 900
_AFTER_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until parts that observe their width are drawn again."""
_AFTER_TRANSITIONS = """async () => {
  const changing = document.getAnimations().filter((one) => one.transitionProperty?.includes("color"));
  const longest = new Promise((done) => setTimeout(done, 1000));
  await Promise.race([longest, Promise.allSettled(changing.map((one) => one.finished))]);
}"""
"""Waits until colours that change with the theme have changed; transitions of hidden parts never end."""
_STILL_ASKED = 2
"""Number of requests that may be left over from the previous page."""
_CARD_ASKS = re.compile(r"GET /metrics/chips/(?!bench/)[^/]+/attention")
"""The first of the two requests of a card of another chip, of which other modules may have left some."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.release if name in BEFORE_RELEASE else pytest.mark.slow)
        for name in STATES
    ],
)
def test_a_url_opens_its_state_with_few_requests_accessible_and_readable(
    name: str, admin: Person, dashboard: Dashboard
) -> None:
    state = STATES[name]
    before = len(dashboard.list_requests("admin"))
    page = open_state(state, admin, dashboard)
    asked = dashboard.list_requests("admin")[before:]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        admin.wait_until_drawn()
        assert find_violations(page, scheme) == [], f"in {scheme}"
    of_cards = 2 * sum(map(bool, map(_CARD_ASKS.fullmatch, asked)))
    assert len(asked) <= state.asks + _STILL_ASKED + of_cards, "\n".join(asked)
    page.emulate_media(color_scheme="light")
    with each_width(page, _WIDTHS) as widths:
        for width in widths:
            assert find_cut_off(page) == [], f"at {width} pixels"
        assert find_violations(page) == [], f"at {width} pixels"


@pytest.mark.release
@pytest.mark.parametrize("name", STATES)
def test_a_state_is_readable_at_other_widths(name: str, admin: Person, dashboard: Dashboard) -> None:
    page = open_state(STATES[name], admin, dashboard)
    with each_width(page, _OTHER_WIDTHS) as widths:
        for width in widths:
            assert find_cut_off(page) == [], f"at {width} pixels"


def open_state(state: State, person: Person, dashboard: Dashboard) -> Page:
    """Open the address of a state, and return its page once it shows what only this state has."""
    named = {"execution": dashboard.execution, "result": dashboard.result, "issue": dashboard.issue}
    address = state.address.format(**named)
    page = person.open(address)
    heading = page.get_by_role("heading", level=1, name=state.heading.format(**named)).first
    heading.wait_for()
    expect(page).to_have_title(re.compile(f"^{re.escape((heading.text_content() or '').strip())}.* · QDash$"))
    if state.search:
        page.keyboard.press("Control+k")
        page.keyboard.type(state.search)
    page.locator(state.shows.format(**named)).locator("visible=true").first.wait_for()
    assert person.address.startswith(address)
    return page


@contextmanager
def each_width(page: Page, widths: Sequence[int]) -> Iterator[Iterator[int]]:
    """Yield the widths one after the other, each after the page is drawn in it; then restore the usual one."""

    def draw() -> Iterator[int]:
        for width in widths:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            page.evaluate(_AFTER_FRAMES)
            yield width

    try:
        yield draw()
    finally:
        page.set_viewport_size({"width": _WIDTHS[0], "height": _HEIGHT})


def find_cut_off(page: Page) -> list[str]:
    """Return the texts that a page cuts off."""
    found: list[str] = page.evaluate(_FIND_CUT_OFF)
    return found


def find_violations(page: Page, scheme: str = "light") -> list[tuple[str, str]]:
    """Return the accessibility rules of the standard, or serious advice, that a page violates, each with the elements; in dark, those that depend on colours."""
    options = (
        {**_AXE, "runOnly": {"type": "rule", "values": ["color-contrast"]}} if scheme == "dark" else _AXE
    )
    if not page.evaluate("'axe' in window"):  # its half megabyte is compiled once for a page
        page.evaluate(Axe().axe_script)
    page.evaluate(_AFTER_FRAMES)
    page.evaluate(_AFTER_TRANSITIONS)
    said = page.evaluate("([context, options]) => axe.run(context, options)", [_CONTEXT, options])
    return [
        (one["id"], json.dumps([node["html"][:200] for node in one["nodes"][:3]]))
        for one in said["violations"]
        if one["impact"] in _SERIOUS or any(tag.startswith(_STANDARD) for tag in one["tags"])
    ]
