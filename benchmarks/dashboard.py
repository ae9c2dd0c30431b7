"""The dashboard in a browser, on a chip of 156 qubits and a million results: `python -m benchmarks.dashboard --folder
FOLDER`.

Beside it, in turn with it, an empty Streamlit application of as many pages, and with `--against PYTHON` the dashboard of another
environment. The store is made in the folder, which takes minutes, and is used again the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import Error, sync_playwright

from benchmarks.filled_store import LARGE_CHIP as CHIP
from benchmarks.servers import answering, free_port, host, memory_mb, program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psutil
    from playwright.sync_api import Browser, Page, Response, ViewportSize

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
WINDOW: ViewportSize = {"width": 1440, "height": 900}
_EMPTY = Path(__file__).with_name("empty_dashboard.py")
IN_BROWSER = Path(__file__).with_name("dashboard.js").read_text("utf-8")
_PARTS = ("pages", "first", "acts", "memory")
_FIRST = ("overview", "chip, map", "qubit", "result")
_SETTLED_MS = 2000
"""Time after a first load during which the page may still move, in milliseconds."""
_SESSIONS = 10
_TASKS = ("CheckT1", "CheckRabi", "CheckRamsey", "CheckT2Echo", "CreatePIPulse", "CreateHPIPulse")
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


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS), help="default: all")
    parser.add_argument(
        "--against", metavar="PYTHON", help="interpreter of the environment of another revision"
    )
    given = parser.parse_args()
    with ExitStack() as stack:
        ours = stack.enter_context(serve(given.folder / "sqlite", sys.executable, given.stored))
        served = {"this revision": ours}
        if given.against:
            served["the other"] = stack.enter_context(
                serve(given.folder / "against", given.against, given.stored)
            )
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=OPTIONS))
        if "pages" in given.only:
            _print_pages(browser, served, stack.enter_context(_empty()), times=given.times)
        if "first" in given.only:
            _print_first(browser, served, times=given.times)
        if "acts" in given.only:
            _print_acts(ours.person(browser), ours, times=given.times)
        if "memory" in given.only:
            _print_memory(browser, ours)


@contextmanager
def serve(home: Path, python: str, stored: int) -> Iterator[Served]:
    """Fill a store, and yield its host and dashboard, all in the environment of an interpreter."""
    home.mkdir(parents=True, exist_ok=True)
    command = [python, "-m", "benchmarks.filled_store", "--home", str(home), "--stored", str(stored)]
    filled = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    found = json.loads(filled.stdout)
    with (
        host(home, f"sqlite:///{home}/qdash.db", python) as (host_process, at_host),
        dashboard(home, at_host, python) as (process, at_ui),
    ):
        yield Served(at_ui, process, at_host, host_process, home, **found)


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
def dashboard(home: Path, at_host: str, python: str = sys.executable) -> Iterator[tuple[psutil.Process, str]]:
    """Yield the process of a host's dashboard and its URL, in the environment of an interpreter."""
    port = free_port()
    environment = {**os.environ, "QDASH_HOME": str(home), "QDASH_API_URL": at_host}
    command = [program("qdash", python), "ui", "--port", str(port)]
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
    """Load an address anew; return the time until it is painted, in ms."""
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


def _print_pages(browser: Browser, served: dict[str, Served], empty_url: str, *, times: int) -> None:
    """Print for each page the time of a load with a warm cache and of a navigation, and its requests, in turn with the others."""
    people = {name: one.person(browser) for name, one in served.items()}
    of_empty = next(iter(served.values())).person(browser)
    of_each = [
        f"{name}: {what}" for name in served for what in ("loaded ms", "within the app ms", "requests")
    ]
    print(f"| page | empty page ms | {' | '.join(of_each)} |")
    print(f"|---|---|{'---|' * len(of_each)}")
    for name in _pages(next(iter(served.values()))):
        least: list[float] = []
        taken: dict[str, tuple[list[float], list[float], list[float]]] = {one: ([], [], []) for one in served}
        for number in range(times + 1):
            for revision, one in served.items():
                page, pages = people[revision], _pages(one)
                try:
                    before = one.questions()
                    loaded = _loaded(page, one.url + pages[name].address, pages[name])
                    asked = one.questions() - before
                    elsewhere = pages["flows" if name == "settings" else "settings"]
                    _loaded(page, one.url + elsewhere.address, elsewhere)
                    within = _gone_to(page, pages[name])
                except Error:  # another revision may lack the page
                    continue
                if number:  # the first one warms caches
                    for found, value in zip(taken[revision], (loaded, within, asked), strict=True):
                        found.append(value)
            path = _pages(next(iter(served.values())))[name].address.partition("?")[0]
            bare = Shown("", path.strip("/") or "overview", "h1")
            least.append(_loaded(of_empty, empty_url + path, bare))
        cells = (
            _format(found, digits)
            for revision in served
            for found, digits in zip(taken[revision], (0, 0, 1), strict=True)
        )
        print(f"| {name} | {_format(least[1:])} | {' | '.join(cells)} |", flush=True)


def _format(taken: Sequence[float], digits: int = 0) -> str:
    return f"{statistics.median(taken):.{digits}f}" if taken else "–"


def _print_first(browser: Browser, served: dict[str, Served], *, times: int) -> None:
    """Print times of painting and transferred bytes of pages that a browser loads for the first time."""
    kinds = ("scripts", "styles", "fonts", "other")
    print(
        "\n| first load | all is there ms | first paint ms | largest paint ms | layout shift | blocked ms | files | ",
        end="",
    )
    print(f"{' | '.join(f'{kind} kB' for kind in kinds)} |")
    print(f"{'|---' * (7 + len(kinds))}|")
    sent: dict[str, set[str]] = {}
    for name in _FIRST:
        for revision, one in served.items():
            weighed = []
            for _ in range(times):
                page = one.person(browser)
                page.on("response", lambda answer: _note_sending(answer, sent))
                shown = _pages(one)[name]
                there = _loaded(page, one.url + shown.address, shown)
                page.wait_for_timeout(_SETTLED_MS)
                weighed.append({"there_ms": there, **page.evaluate("() => __weighed()")})
                page.context.close()
            cells = [
                _format([found[key] for found in weighed], digits)
                for key, digits in (
                    ("there_ms", 0),
                    ("first_ms", 0),
                    ("largest_ms", 0),
                    ("shift", 3),
                    ("blocked_ms", 0),
                    ("files", 0),
                )
            ]
            for kind in kinds:
                wire, whole = (weighed[-1]["bytes"].get(kind, (0, 0))[place] / 1000 for place in (0, 1))
                cells.append(f"{wire:.0f} of {whole:.0f}")
            label = name if len(served) == 1 else f"{name}, {revision}"
            print(f"| {label} | {' | '.join(cells)} |", flush=True)
    print("\n| files | compressed and cached as |\n|---|---|")
    for kind, ways in sorted(sent.items()):
        print(f"| {kind} | {'; '.join(sorted(ways))} |")


def _note_sending(answer: Response, sent: dict[str, set[str]]) -> None:
    kind, headers = answer.request.resource_type, answer.headers
    if kind in {"script", "stylesheet", "font", "document"}:
        ways = (
            headers.get("content-encoding", "not compressed"),
            headers.get("cache-control", "no word on caching"),
        )
        sent.setdefault(kind, set()).add(", ".join(ways))


def _print_acts(page: Page, served: Served, *, times: int) -> None:
    """Print the time until each action on the map and on the figures is painted."""
    pages = _pages(served)
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
        "figures of 156 qubits, the page loaded anew, never drawn before",
        [_loaded(page, served.url + shown.address, shown) for shown in list(grids.values())[1:]],
    )
    _loaded(page, served.url + pages["chip, map"].address, pages["chip, map"])
    again = []
    for n in range(times + len(grids)):
        again.append(_gone_to(page, list(grids.values())[n % len(grids)]))
        _gone_to(page, pages["chip, map"])
    _print_act("figures of 156 qubits within the app, the first time in a session", again[: len(grids)])
    _print_act("figures of 156 qubits within the app, again", again[len(grids) :])


def _grid(task: str) -> Shown:
    return Shown(f"/chip?chip={CHIP}&view=figures&task={task}", f"Chip {CHIP}", ".sheet svg", _PICTURES)


def _print_act(what: str, taken: list[float]) -> None:
    print(f"| {what} | {statistics.median(taken):.0f} | {max(taken):.0f} |")


def _print_memory(browser: Browser, served: Served) -> None:
    """Print the memory of the server with sessions that have each opened every page."""
    pages = _pages(served)
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
