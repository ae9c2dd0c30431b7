"""Clicks of twenty users of the dashboard during a run.

Each browser page clicks once in 20 s, at random with a fixed seed: metrics, qubits and couplings of the map, links to qubits, executions
and results, arrow keys between results, back. A twin performs a run on the same chip at a lower priority of the processor, since a real
one only waits for its instruments. The store is that of `benchmarks.dashboard`.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psutil
from playwright.async_api import Error, async_playwright

from benchmarks.dashboard import IN_BROWSER, OPTIONS, WINDOW, serve
from benchmarks.filled_store import LARGE_CHIP as CHIP
from benchmarks.servers import CHROMIUM, memory_mb, program
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Page

    from benchmarks.dashboard import Served

_TABS_OF_A_CONTEXT = 5
_METRICS = ("t1", "t2_echo", "qubit_frequency")
_GROUPS = {"overview": "Overview", "map": "Chip", "executions": "Executions"}
"""Links of the side bar, by the page that they open."""
_READY = {
    "overview": "svg [data-fitness]",
    "map": "svg.map[aria-busy=false]",
    "executions": "tbody tr",
    "execution": "tbody tr",
    "qubit": ".main-svg",
    "result": "nav[aria-label='Neighbours of the result']",
}
"""Element that a page has when it is complete."""


_BELOW = """() => document.querySelector("nav[aria-label='Neighbours of the result'] a[aria-keyshortcuts=ArrowDown]")
  ?.textContent.replace("↓", "").trim()"""
"""Next target at which the arrow key opens a result."""


@dataclass
class _Tab:
    """Browser page of a user: its place, and the text that it waits for on the way back."""

    page: Page
    chance: random.Random
    place: str = "overview"
    shown: dict[str, Any] = field(default_factory=lambda: _describe("overview"))
    former: tuple[str, dict[str, Any]] | None = None


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Let users click for five minutes during a run."""
    tabs, every_s, duration_s = (4, 3.0, 20.0) if quick else (20, 20.0, 300.0)
    with serve(folder, 20_000 if quick else 1_000_000) as served:
        yield from asyncio.run(_measure_clicks(served, tabs, every_s, duration_s))


async def _measure_clicks(served: Served, number: int, every_s: float, duration_s: float) -> list[Row]:
    taken: dict[str, list[float]] = defaultdict(list)
    missed: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        tabs = []
        for place in range(number):
            if place % _TABS_OF_A_CONTEXT == 0:
                context = await browser.new_context(viewport=WINDOW)
                await context.add_init_script(IN_BROWSER)
                cookie = {"name": "qdash_session", "value": served.token, "url": served.url}
                await context.add_cookies([cookie])  # type: ignore[list-item]  a typed dict of Playwright
            tab = _Tab(await context.new_page(), random.Random(place))
            await _restart(tab, served)
            tabs.append(tab)
        processes = {"host": served.host_process, "dashboard": served.process}
        with _run(served) as run:
            processes["run"] = run
            used = {name: _processor_s(one) for name, one in processes.items()}
            asked, began = served.questions(), time.monotonic()
            await asyncio.gather(
                *(_use(tab, served, every_s, began + duration_s, taken, missed) for tab in tabs)
            )
            lasted = time.monotonic() - began
            shares = {
                name: 100 * (_processor_s(one) - used[name]) / lasted for name, one in processes.items()
            }
            memory = {name: _memory_mb(one) for name, one in processes.items()}
            asked_per_s = (served.questions() - asked) / lasted
        await browser.close()
    print("\n".join(missed), file=sys.stderr)
    of = f"{number} browser pages, a click in {every_s:g} s during a run"
    return [
        Row.of(f"{of}: until a click is painted", "ms", [one for them in taken.values() for one in them]),
        *(Row.of(f"{of}: {kind}", "ms", found) for kind, found in sorted(taken.items())),
        Row.of(f"{of}: clicks never painted", "clicks", [len(missed)]),
        Row.of(f"{of}: requests to the host", "/s", [asked_per_s]),
        *(Row.of(f"{of}: processor of the {name}", "%", [share]) for name, share in shares.items()),
        *(Row.of(f"{of}: memory of the {name}", "MB", [share]) for name, share in memory.items()),
    ]


@contextmanager
def _run(served: Served) -> Iterator[psutil.Process]:
    """Yield the process of a run that writes results, again and again."""
    url = f"sqlite:///{served.home}/qdash.db"
    again = f"import subprocess\nwhile True: subprocess.run({[program('qdash'), 'calibrate', CHIP, '--flow', 'check']!r})"
    environment = {**os.environ, "QDASH_HOME": str(served.home), "QDASH_STORE_URL": url}
    command = ["nice", "-n", "15", sys.executable, "-c", again]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        found = psutil.Process(process.pid)
        try:
            yield found
        finally:
            children = found.children(recursive=True)
            process.kill()
            for one in children:  # ends the run as Ctrl-C does
                one.terminate()


async def _use(
    tab: _Tab, served: Served, every_s: float, until: float, taken: dict[str, list[float]], missed: list[str]
) -> None:
    """Click at intervals until a given time; pages click at different times."""
    await asyncio.sleep(tab.chance.uniform(0, every_s))
    while (began := time.monotonic()) < until:
        try:
            kind, took = await _click(tab)
            taken[kind].append(took)
        except Error as error:
            missed.append(f"{tab.place} ({str(error).splitlines()[0]})")
            with suppress(Error):
                await _restart(tab, served)
        await asyncio.sleep(max(0.0, began + every_s - time.monotonic()))


async def _restart(tab: _Tab, served: Served) -> None:
    tab.place, tab.shown, tab.former = "overview", _describe("overview"), None
    await tab.page.goto("about:blank")  # ends a navigation that is under way
    await tab.page.goto(served.url, wait_until="commit")
    await tab.page.evaluate("(it) => __drawn(it)", tab.shown)


async def _click(tab: _Tab) -> tuple[str, float]:
    """Do one of the clicks that the page of a tab offers; return its kind and the time until it is painted, in ms."""
    offered = await tab.page.evaluate("(it) => __offered(it)", ["qubit", "execution", "result"])
    links = {kind: known for kind, found in offered.items() if (known := _name_pages(tab, kind, found))}
    kinds = [name for name in _GROUPS if name != tab.place] + [*links] * 3
    kinds += ["another metric", "panel of a target"] * 5 * (tab.place == "map")
    below = await tab.page.evaluate(_BELOW) if tab.place == "result" else None
    kinds += ["next result by key"] * 6 * bool(below)
    kinds += ["back"] * 2 * (tab.former is not None)
    kind = tab.chance.choice(kinds)
    if kind == "another metric":
        return kind, await _measure(tab, "__switched", tab.chance.choice(_METRICS))
    if kind == "panel of a target":
        return kind, await _measure(tab, "__opened", str(tab.chance.randrange(156)))
    before = (tab.place, tab.shown)
    if kind == "back":
        (tab.place, tab.shown), tab.former = tab.former or before, None
        return kind, await _measure(tab, "__acted", {"shown": tab.shown})
    how: dict[str, Any] = {}
    if kind in _GROUPS:
        tab.place, how["group"], heading = kind, _GROUPS[kind], _GROUPS[kind]
    elif kind in links:
        tab.place, how["path"] = kind, kind
        heading, how["href"] = tab.chance.choice(links[kind])
    else:
        how["key"], heading = "ArrowDown", f"on {below}"
    tab.shown = how["shown"] = _describe(tab.place, heading)
    tab.former = before
    name = f"open {'an' if kind[0] in 'aeiou' else 'a'} {kind}" if kind in links else kind
    return name, await _measure(tab, "__acted", how)


async def _measure(tab: _Tab, function: str, given: object) -> float:
    return float(await tab.page.evaluate(f"(it) => {function}(it)", given))


def _name_pages(tab: _Tab, path: str, links: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Return the headings of the pages of some links with the links, without those that are open already."""
    named = []
    for link in links:
        query = parse_qs(urlsplit(link["href"]).query)
        text = re.match(r"(Check|Create)\w+", link["text"])
        heading = {
            "qubit": f"Qubit {query[path][0]}",
            "execution": query[path][0],
            "result": text[0] if text else "",
        }[path]
        if heading and path != tab.place:
            named.append((heading, link["href"]))
    return named


def _describe(place: str, heading: str = "") -> dict[str, Any]:
    return {"heading": heading or _GROUPS[place], "selector": _READY[place], "number": 1}


def _processor_s(process: psutil.Process) -> float:
    """Return the time of a processor that a process and its children have used, in s."""
    found = process.cpu_times()
    below = process.children(recursive=True)
    living = [one.cpu_times() for one in below if one.is_running()]
    return (
        sum(one.user + one.system for one in [found, *living]) + found.children_user + found.children_system
    )


def _memory_mb(process: psutil.Process) -> float:
    """Return the memory of a process and its children."""
    return sum(memory_mb(one) for one in (process, *process.children(recursive=True)))
