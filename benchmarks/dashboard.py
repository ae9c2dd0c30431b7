"""The dashboard in a browser, on a chip of 156 qubits and a million results, beside an empty Streamlit application of as many pages.

The store is kept in the folder.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import Error, sync_playwright

from benchmarks.filled_store import IN_A_RUN, PROJECT, fill, make_heavy_hex_table
from benchmarks.filled_store import LARGE_CHIP as CHIP
from benchmarks.servers import CHROMIUM, answering, free_port, host, opened_store, program
from benchmarks.table import Row
from qdash_builtin.people.feature import TOKENS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil
    from playwright.sync_api import Browser, Page, ViewportSize

    from qdash_core.runtime.application import QDash

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
WINDOW: ViewportSize = {"width": 1440, "height": 900}
_EMPTY = Path(__file__).with_name("empty_dashboard.py")
IN_BROWSER = Path(__file__).with_name("dashboard.js").read_text("utf-8")
_FIRST = ("overview", "chip, map", "qubit", "result")
_OF_A_FIRST_LOAD = {"largest_ms": "ms", "blocked_ms": "ms", "shift": "", "files": "files"}
"""Units of what the browser says about a first load: largest paint, blocked time, layout shift, files."""
_SETTLED_MS = 2000
"""Time after a first load during which the page may still move, in milliseconds."""
_PICTURES = 140
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
    """Measured processes: the dashboard and its host, with the token of the user, an execution and a result."""

    url: str
    process: psutil.Process
    host_url: str
    host_process: psutil.Process
    home: Path
    token: str
    execution: str
    result: str

    def questions(self) -> float:
        """Return the number of requests that the host has answered."""
        authorised = {"authorization": f"Bearer {self.token}"}
        said = httpx.get(f"{self.host_url}/prometheus", headers=authorised).raise_for_status().text
        lines = (line for line in said.splitlines() if line.startswith("qdash_requests_total{"))
        counted = (line for line in lines if "prometheus" not in line and '"/events"' not in line)
        return sum(float(line.rsplit(" ", 1)[1]) for line in counted)

    def person(self, browser: Browser) -> Page:
        """Return a browser page of a logged-in user."""
        context = browser.new_context(viewport=WINDOW)
        context.add_cookies([{"name": "qdash_session", "value": self.token, "url": self.url}])
        context.add_init_script(IN_BROWSER)
        return context.new_page()


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Load each page, go to it within the app, and load some with an empty cache."""
    times = 1 if quick else 9
    with (
        serve(folder, 20_000 if quick else 1_000_000) as served,
        _empty() as empty_url,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS) as browser,
    ):
        yield from _first_rows(browser, served, times)
        yield from _pages_rows(browser, served, empty_url, times)


@contextmanager
def serve(home: Path, stored: int) -> Iterator[Served]:
    """Fill a store, and yield its host and dashboard."""
    home = home / "heron"
    home.mkdir(exist_ok=True)
    with opened_store("SQLite", home) as qdash:
        url = qdash.settings.store_url
        fill(qdash, stored=stored, chip_id=CHIP, table=make_heavy_hex_table())
        token, _ = qdash.get(TOKENS).create("admin", f"benchmark-{time.time_ns()}", scope=TokenScope.ADMIN)
        execution, result = _find_result(qdash)
    with host(home, url) as (host_process, at_host), dashboard(home, at_host) as (process, at_ui):
        yield Served(at_ui, process, at_host, host_process, home, token, execution, result)


def _find_result(qdash: QDash) -> tuple[str, str]:
    """Return a large execution and a result of it; runs of a former benchmark are newer, and may be unfinished."""
    results = qdash.repositories.of(TaskResultHistoryRepository)
    return next(
        (execution.execution_id, one.task_id)
        for execution in qdash.get(EXECUTIONS).newest(qdash.access("admin"), chip_id=CHIP, limit=100)
        if sum(execution.tasks.values()) > IN_A_RUN
        for one in results.list_by_execution(PROJECT, execution.execution_id)
        if one.name == "CheckT1" and one.status is TaskStatus.COMPLETED
    )


def _pages(served: Served) -> dict[str, Shown]:
    """Return the measured pages by name."""
    chip = f"Chip {CHIP}"
    return {
        "overview": Shown("/", "Overview", "svg [data-fitness]", 300),
        "chip, map": Shown(f"/chip?chip={CHIP}&metric=t1", chip, "svg.map[aria-busy=false]"),
        "chip, table": Shown(f"/chip?chip={CHIP}&view=values", chip, "tbody tr", 156),
        "chip, figures": Shown(f"/chip?chip={CHIP}&view=figures&task=CheckT1", chip, ".sheet svg", _PICTURES),
        "chip, yield": Shown(f"/chip?chip={CHIP}&view=yield", chip, ".panels svg", 3),
        "qubit": Shown(f"/qubit?chip={CHIP}&qubit=5", "Qubit 5", ".js-plotly-plot .main-svg", 2),
        "coupling": Shown(f"/coupling?chip={CHIP}&coupling=0-1", "Coupling 0-1", "h2, h3", 3),
        "schedule, two strategies": Shown(
            f"/schedule?chip={CHIP}&kind=coupling&coupling_strategies=best,bipartite",
            "Schedule",
            "svg.map text.group",
            200,
        ),
        "metrics": Shown(f"/metrics?chip={CHIP}&metric=t1", "Metrics", ".qdash-figure .main-svg"),
        "trends": Shown(f"/trends?chip={CHIP}&metric=t1", "Trends", "[data-testid=stMainBlockContainer] svg"),
        "review": Shown(f"/review?chip={CHIP}", "Review", "[data-testid=stMainBlockContainer] button"),
        "run": Shown(f"/run?chip={CHIP}", "Run", "[data-testid=stMainBlockContainer] button"),
        "workbench": Shown(f"/workbench?chip={CHIP}&task=CheckT1&targets=5", "Workbench", ".qdash-figure"),
        "executions": Shown("/executions", "Executions", "tbody tr", 20),
        "execution": Shown(f"/execution?execution={served.execution}", served.execution, "tbody tr", 20),
        "result": Shown(f"/result?result={served.result}", "CheckT1", ".js-plotly-plot .main-svg"),
        "events": Shown("/events", "Events", "tbody tr", 5),
        "flows": Shown("/flows", "Flows", "tbody tr", 5),
        "flow": Shown(f"/flows?flow=check&chip={CHIP}", "check", ".cm-content .tok-keyword", 2),
        "notes": Shown("/notes", "Notes", "[data-testid=stMainBlockContainer] h2, [role=status]"),
        "issues": Shown("/issues", "Issues", "[data-testid=stMainBlockContainer]"),
        "cryostats": Shown("/cryostats", "Cryostats", "[data-testid=stMainBlockContainer] button"),
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


def _loaded(page: Page, address: str, shown: Shown) -> float:
    """Load an address anew; return the time until it is painted, in ms."""
    page.goto(address, wait_until="commit")
    return float(page.evaluate("(it) => __drawn(it)", asdict(shown)))


def _gone_to(page: Page, shown: Shown) -> float:
    """Navigate to an address within the app; return the time until it is painted, in ms."""
    return float(page.evaluate("(it) => __went(it)", asdict(shown)))


def _pages_rows(browser: Browser, served: Served, empty_url: str, times: int) -> Iterator[Row]:
    """Yield the time of a load with a warm cache, over that of an empty page in turn with it; of a navigation; and the requests."""
    page, of_empty, pages = served.person(browser), served.person(browser), _pages(served)
    missed: list[str] = []
    for name, shown in pages.items():
        path = shown.address.partition("?")[0]
        bare = Shown("", path.strip("/") or "overview", "h1")
        elsewhere = pages["flows" if name == "settings" else "settings"]
        taken: dict[str, list[float]] = defaultdict(list)
        try:
            for _ in range(times + 1):  # the first one warms caches
                before = served.questions()
                taken["loaded"].append(_loaded(page, served.url + shown.address, shown))
                taken["requests"].append(served.questions() - before)
                _loaded(page, served.url + elsewhere.address, elsewhere)
                taken["within"].append(_gone_to(page, shown))
                taken["empty"].append(_loaded(of_empty, empty_url + path, bare))
        except Error as error:  # another revision may lack the page
            missed.append(f"{name}: {error}")
            continue
        loaded, requests, within, empty = (taken[of][1:] for of in ("loaded", "requests", "within", "empty"))
        yield Row.of(f"page {name}: loaded, over an empty page", "ms", loaded, against=empty)
        yield Row.of(f"page {name}: within the app", "ms", within)
        yield Row.of(f"page {name}: requests to the host", "requests", requests)
    if missed:
        raise RuntimeError("pages that were never painted: " + "; ".join(missed))


def _first_rows(browser: Browser, served: Served, times: int) -> Iterator[Row]:
    """Yield times of painting and transferred bytes of pages that a browser loads for the first time."""
    for name in _FIRST:
        found: dict[str, list[float]] = defaultdict(list)
        shown = _pages(served)[name]
        for _ in range(times):
            page = served.person(browser)
            found["there"].append(_loaded(page, served.url + shown.address, shown))
            page.wait_for_timeout(_SETTLED_MS)
            weighed = page.evaluate("() => __weighed()")
            for what in _OF_A_FIRST_LOAD:
                found[what].append(weighed[what])
            found["kB"].append(sum(wire for wire, _ in weighed["bytes"].values()) / 1000)
            page.context.close()
        units = {"there": "ms", **_OF_A_FIRST_LOAD, "kB": "kB"}
        for what, unit in units.items():
            yield Row.of(f"first load, {name}: {what.removesuffix('_ms')}", unit, found[what])
