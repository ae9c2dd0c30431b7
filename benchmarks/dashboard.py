"""The dashboard in a browser, on a store of a million results: `python -m benchmarks.dashboard --folder
FOLDER`.

Beside it, in turn with it, an empty Streamlit application of as many pages. The store is made in the folder, which takes
minutes, and is used again the next time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.filled_store import CHIP, PROJECT, fill
from benchmarks.servers import answering, free_port, host, memory_mb, program, store_url
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import open_qdash
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil
    from playwright.sync_api import Browser, Page

    from qdash_core.runtime.application import QDash

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
_EMPTY = Path(__file__).with_name("empty_dashboard.py")
_IN_BROWSER = Path(__file__).with_name("dashboard.js").read_text("utf-8")
_SESSIONS = 10
_TASKS = ("CheckT1", "CheckRabi", "CheckRamsey", "CheckT2Echo", "CreatePIPulse", "CreateHPIPulse")
_PICTURES = 120
"""Least number of figures of a task: on few qubits the task did not complete."""


@dataclass(frozen=True)
class Shown:
    """A page: its address, its heading, and the selector and number of its elements when it is fully drawn."""

    address: str
    heading: str
    selector: str
    number: int = 1


@dataclass(frozen=True)
class Served:
    """Measured processes: the dashboard, its host and the empty application, with the token of the user."""

    url: str
    process: psutil.Process
    host_url: str
    empty_url: str
    token: str

    def questions(self) -> float:
        """Return the number of requests that the host has answered."""
        authorised = {"authorization": f"Bearer {self.token}"}
        said = httpx.get(f"{self.host_url}/prometheus", headers=authorised).raise_for_status().text
        lines = (line for line in said.splitlines() if line.startswith("qdash_requests_total{"))
        counted = (line for line in lines if "prometheus" not in line and '"/events"' not in line)
        return sum(float(line.rsplit(" ", 1)[1]) for line in counted)

    def person(self, browser: Browser) -> Page:
        """Return a browser page of a logged-in user."""
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "qdash_session", "value": self.token, "url": self.url}])
        context.add_init_script(_IN_BROWSER)
        return context.new_page()


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--memory-only", action="store_true")
    given = parser.parse_args()
    home = given.folder / "sqlite"
    with ExitStack() as stack:
        url = stack.enter_context(store_url("SQLite", home))
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            fill(qdash, stored=given.stored)
            pages = _pages(qdash)
            token, _ = qdash.get(TOKENS).create(
                "admin", f"dashboard-{time.time_ns()}", scope=TokenScope.ADMIN
            )
        _, at_host = stack.enter_context(host(home, url))
        process, at_ui = stack.enter_context(dashboard(home, at_host))
        served = Served(at_ui, process, at_host, stack.enter_context(_empty()), token)
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=OPTIONS))
        if not given.memory_only:
            _print_pages(browser, served, pages, times=given.times)
            _print_acts(served.person(browser), served, pages, times=given.times)
        _print_memory(browser, served, pages)


def _pages(qdash: QDash) -> dict[str, Shown]:
    """Return all pages by name."""
    newest = qdash.get(EXECUTIONS).newest(qdash.access("admin"), chip_id=CHIP, limit=1)[0].execution_id
    result = next(
        one
        for one in qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(PROJECT, newest)
        if one.name == "CheckT1" and one.status is TaskStatus.COMPLETED
    )
    chip = f"Chip {CHIP}"
    return {
        "overview": Shown("/", "Overview", "tbody tr", 5),
        "chip, map": Shown(f"/chip?chip={CHIP}&metric=t1", chip, "svg.map[aria-busy=false]"),
        "chip, figures": Shown(f"/chip?chip={CHIP}&view=figures&task=CheckT1", chip, ".sheet svg", _PICTURES),
        "chip, yield": Shown(f"/chip?chip={CHIP}&view=yield", chip, ".panels svg", 3),
        "qubit": Shown(f"/qubit?chip={CHIP}&qubit=5", "Qubit 5", ".js-plotly-plot .main-svg", 2),
        "coupling": Shown(f"/coupling?chip={CHIP}&coupling=0-1", "Coupling 0-1", "h2, h3", 3),
        "workbench": Shown(f"/workbench?chip={CHIP}&task=CheckT1&targets=5", "Workbench", ".qdash-figure"),
        "schedule, two strategies": Shown(
            f"/schedule?chip={CHIP}&kind=coupling&coupling_strategies=best,bipartite",
            "Schedule",
            "svg.map text.group",
            200,
        ),
        "executions": Shown("/executions", "Executions", "tbody tr", 20),
        "execution": Shown(f"/execution?execution={newest}", newest, "tbody tr", 20),
        "result": Shown(f"/result?result={result.task_id}", "CheckT1", ".js-plotly-plot .main-svg"),
        "flows": Shown("/flows", "Flows", "tbody tr", 5),
        "flow": Shown(f"/flows?flow=check&chip={CHIP}", "check", ".cm-content .tok-keyword", 2),
        "metrics": Shown(f"/metrics?chip={CHIP}&metric=t1", "Metrics", ".qdash-figure .main-svg"),
        "metrics, over time": Shown(
            f"/metrics?chip={CHIP}&metric=t1&view=time", "Metrics", ".qdash-figure .main-svg"
        ),
        "assistant": Shown("/assistant", "Assistant", "[data-testid=stMainBlockContainer] h2"),
        "notes": Shown("/notes", "Notes", "[data-testid=stMainBlockContainer] h2, [role=status]"),
        "tags": Shown("/tags", "Tags", "tbody tr"),
        "events": Shown("/events", "Events", "tbody tr", 5),
        "audit": Shown("/audit", "Audit", "tbody tr"),
        "cryostats": Shown("/cryostats", "Cryostats", "[data-testid=stMainBlockContainer] button"),
        "locks": Shown("/locks", "Instrument locks", "[data-testid=stMainBlockContainer]"),
        "chip, export": Shown(f"/chip-export?chip={CHIP}", "Export", "[data-testid=stSelectbox]"),
        "tasks": Shown("/tasks", "Tasks", "tbody tr", 20),
        "task": Shown("/tasks?task=CheckT1", "CheckT1", "tbody tr", 5),
        "members": Shown("/members", "Members", "tbody tr"),
        "plugins": Shown("/plugins", "Plugins", "tbody tr", 5),
        "settings": Shown("/settings", "Settings", "[data-testid=stSelectbox]", 2),
    }


@contextmanager
def dashboard(home: Path, at_host: str) -> Iterator[tuple[psutil.Process, str]]:
    """Yield the process of a host's dashboard and its URL."""
    port = free_port()
    environment = {**os.environ, "QDASH_HOME": str(home), "QDASH_API_URL": at_host}
    command = [program("qdash"), "ui", "--port", str(port)]
    with answering(command, port, path="/_stcore/health", env=environment) as found:
        yield found


@contextmanager
def _empty() -> Iterator[str]:
    port = free_port()
    options = ("--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false")
    command = [program("streamlit"), "run", str(_EMPTY), *options]
    with answering(command, port, path="/_stcore/health") as (_, address):
        yield address


# ----------------------------------------------------------------------------------------------------------- in the browser


def _loaded(page: Page, address: str, shown: Shown) -> float:
    """Load an address afresh; return the time until it is painted, in ms."""
    page.goto(address, wait_until="commit")
    return float(page.evaluate("(it) => __drawn(it)", _told(shown)))


def _gone_to(page: Page, shown: Shown) -> float:
    """Navigate to an address within the app; return the time until it is painted, in ms."""
    return float(page.evaluate("(it) => __went(it)", _told(shown)))


def _told(shown: Shown) -> dict[str, Any]:
    return {
        "address": shown.address,
        "heading": shown.heading,
        "selector": shown.selector,
        "number": shown.number,
    }


def _print_pages(browser: Browser, served: Served, pages: dict[str, Shown], *, times: int) -> None:
    """Print for each page the time of a load with a warm cache and of a navigation, and its requests."""
    ours, empty = served.person(browser), served.person(browser)
    print("| page | loaded ms | empty page ms | above it ms | within the app ms | requests to the host |")
    print("|---|---|---|---|---|---|")
    for name, shown in pages.items():
        elsewhere = pages["tasks" if name == "settings" else "settings"]
        bare = Shown("", shown.address.partition("?")[0].strip("/") or "overview", "h1")
        loaded, least, within = [], [], []
        _loaded(ours, served.url + shown.address, shown)
        before = served.questions()
        for _ in range(times):
            loaded.append(_loaded(ours, served.url + shown.address, shown))
            least.append(_loaded(empty, served.empty_url + shown.address.partition("?")[0], bare))
        asked = (served.questions() - before) / times
        for _ in range(times):
            _loaded(ours, served.url + elsewhere.address, elsewhere)
            within.append(_gone_to(ours, shown))
        full, floor, there = (statistics.median(one) for one in (loaded, least, within))
        print(f"| {name} | {full:.0f} | {floor:.0f} | {full - floor:.0f} | {there:.0f} | {asked:.1f} |")


def _print_acts(page: Page, served: Served, pages: dict[str, Shown], *, times: int) -> None:
    """Print the time until each action on the map and on the figures is painted."""
    print("\n| until it is painted | median ms | slowest ms |")
    print("|---|---|---|")
    _loaded(page, served.url + pages["chip, map"].address, pages["chip, map"])
    metrics = ("t2_echo", "qubit_frequency", "t1")
    _print_act(
        "another metric",
        [float(page.evaluate("(it) => __switched(it)", metrics[n % 3])) for n in range(3 * times)],
    )
    targets = ("5", "60", "30-31", "100", "0-1")
    _print_act(
        "click to panel",
        [float(page.evaluate("(it) => __opened(it)", targets[n % 5])) for n in range(2 * times)],
    )
    grids = {task: _grid(task) for task in _TASKS}
    _print_act(
        "127 figures, the page loaded anew, never drawn before",
        [_loaded(page, served.url + shown.address, shown) for shown in list(grids.values())[1:]],
    )
    _loaded(page, served.url + pages["chip, map"].address, pages["chip, map"])
    again = []
    for n in range(times + len(grids)):
        again.append(_gone_to(page, list(grids.values())[n % len(grids)]))
        _gone_to(page, pages["chip, map"])
    _print_act("127 figures within the app, the first time in a session", again[: len(grids)])
    _print_act("127 figures within the app, again", again[len(grids) :])


def _grid(task: str) -> Shown:
    return Shown(f"/chip?chip={CHIP}&view=figures&task={task}", f"Chip {CHIP}", ".sheet svg", _PICTURES)


def _print_act(what: str, taken: list[float]) -> None:
    print(f"| {what} | {statistics.median(taken):.0f} | {max(taken):.0f} |")


def _print_memory(browser: Browser, served: Served, pages: dict[str, Shown]) -> None:
    """Print the memory of the server with sessions that have each opened every page."""
    taken = [memory_mb(served.process)]
    for _ in range(_SESSIONS):
        page = served.person(browser)
        _loaded(page, served.url + pages["overview"].address, pages["overview"])
        for shown in pages.values():
            _gone_to(page, shown)
        taken.append(memory_mb(served.process))
    print(
        f"\nmemory of the server with 0 to {_SESSIONS} sessions that have seen {len(pages)} pages, in MB: ",
        end="",
    )
    print(f"{', '.join(f'{one:.0f}' for one in taken)}; ", end="")
    print(f"{(taken[-1] - taken[1]) / (_SESSIONS - 1):.1f} for each further session")


if __name__ == "__main__":
    main()
