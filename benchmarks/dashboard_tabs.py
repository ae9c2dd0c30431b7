"""Clicks of twenty users of the dashboard during a run: `python -m benchmarks.dashboard_tabs --folder FOLDER`.

Each browser page clicks once in 20 s (`--every`), at random with a fixed seed: metrics, qubits and couplings of the map, links to qubits, executions
and results, arrow keys between results, back. A twin performs a run on the same chip at a lower priority of the processor, since a real
one only waits for its instruments. The store is that of `benchmarks.dashboard`.
"""

from __future__ import annotations

import argparse
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
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psutil
from playwright.async_api import Error, async_playwright

from benchmarks.dashboard import CHROMIUM, IN_BROWSER, OPTIONS, WINDOW, serve
from benchmarks.filled_store import LARGE_CHIP as CHIP
from benchmarks.servers import memory_mb, program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--tabs", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two clicks in a page")
    given = parser.parse_args()
    with serve(given.folder / "sqlite", sys.executable, given.stored) as served:
        asyncio.run(_print_clicks(served, given.tabs, given.every, 60 * given.minutes))


async def _print_clicks(served: Served, number: int, every_s: float, duration_s: float) -> None:
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
            memory = {name: _memory_mb(one) for name, one in processes.items()}
            asked, began = served.questions(), time.monotonic()
            psutil.cpu_percent()
            await asyncio.gather(
                *(_use(tab, served, every_s, began + duration_s, taken, missed) for tab in tabs)
            )
            lasted, busy = time.monotonic() - began, psutil.cpu_percent()
            print("| click | number | median ms | 95 % ms | slowest ms |\n|---|---|---|---|---|")
            for kind, found in [
                *sorted(taken.items()),
                ("all", [one for them in taken.values() for one in them]),
            ]:
                print(
                    f"| {kind} | {len(found)} | {_quantile(found, 0.5)} | {_quantile(found, 0.95)} | {_quantile(found, 1)} |"
                )
            print(
                f"\n{number} browser pages, {lasted:.0f} s; {len(missed)} clicks never painted{': ' if missed else ''}{'; '.join(missed)}"
            )
            print(
                f"requests to the host: {(served.questions() - asked) / lasted:.1f} per second; processors of the machine: {busy:.0f} % busy\n"
            )
            print("| process | of one processor % | memory before MB | after MB |\n|---|---|---|---|")
            for name, one in processes.items():
                share = 100 * (_processor_s(one) - used[name]) / lasted
                print(f"| {name} | {share:.0f} | {memory[name]:.0f} | {_memory_mb(one):.0f} |")
        await browser.close()


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


def _quantile(taken: Sequence[float], part: float) -> str:
    ordered = sorted(taken)
    return f"{ordered[round(part * (len(ordered) - 1))]:.0f}" if ordered else "–"


if __name__ == "__main__":
    main()
