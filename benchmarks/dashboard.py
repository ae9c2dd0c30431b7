"""The dashboard in a browser, against a store of a million results: `python -m benchmarks.dashboard --folder FOLDER`.

Beside it, in the same run, an empty Streamlit application of as many pages. The store is made in the folder, which takes
minutes, and is used again the next time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.filled_store import CHIP, fill
from benchmarks.servers import answering, free_port, host, memory_mb, program, store_url
from qdash_core import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
_EMPTY = Path(__file__).with_name("empty_dashboard.py")
_PASSWORD = "a long enough password"
_SESSIONS = 10
_DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
_QUIET_MS = 150
_PAINTED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"""


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    home = given.folder / "sqlite"
    with ExitStack() as stack:
        url = stack.enter_context(store_url("SQLite", home))
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            fill(qdash, stored=given.stored)
            qdash.users.set_password("admin", _PASSWORD, by="admin")
            newest = qdash.executions.newest(qdash.access("admin"), chip_id=CHIP, limit=1)[0].execution_id
            result = qdash.repositories.results.of_execution("default", newest)[0].task_id
        _, at_host = stack.enter_context(host(home, url))
        process, at_ui = stack.enter_context(_dashboard(home, at_host))
        _, at_empty = stack.enter_context(_empty())
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=OPTIONS))
        pages = _pages(newest, result)
        token = _token(at_host)
        _print_loads(browser, at_ui, at_empty, pages, token, at_host, times=given.times)
        _print_acts(browser, at_ui, times=given.times)
        _print_memory(browser, at_ui, process)


def _pages(execution_id: str, task_id: str) -> dict[str, str]:
    """Return the address of each page, by its name."""
    return {
        "overview": "/",
        "chip": f"/chip?chip={CHIP}",
        "chip, figures": f"/chip?chip={CHIP}&view=figures&task=CheckT1",
        "chip, yield": f"/chip?chip={CHIP}&view=yield",
        "qubit": f"/qubit?chip={CHIP}&qubit=5",
        "coupling": f"/coupling?chip={CHIP}&coupling=0-1",
        "executions": "/executions",
        "execution": f"/execution?execution={execution_id}",
        "result": f"/result?result={task_id}",
        "tasks": "/tasks",
        "members": "/members",
        "plugins": "/plugins",
        "settings": "/settings",
    }


@contextmanager
def _dashboard(home: Path, at_host: str) -> Iterator[Any]:
    port = free_port()
    environment = {**os.environ, "QDASH_HOME": str(home), "QDASH_API_URL": at_host}
    command = [program("qdash"), "ui", "--port", str(port)]
    with answering(command, port, path="/_stcore/health", env=environment) as found:
        yield found


@contextmanager
def _empty() -> Iterator[Any]:
    port = free_port()
    options = ("--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false")
    command = [program("streamlit"), "run", str(_EMPTY), *options]
    with answering(command, port, path="/_stcore/health") as found:
        yield found


def _token(at_host: str) -> str:
    answer = httpx.post(f"{at_host}/auth/login", json={"username": "admin", "password": _PASSWORD})
    return str(answer.raise_for_status().json()["token"])


def _asked(at_host: str, token: str) -> float:
    """Return how many requests the host has answered."""
    said = httpx.get(f"{at_host}/prometheus", headers={"authorization": f"Bearer {token}"}).text
    lines = (line for line in said.splitlines() if line.startswith("qdash_requests_total{"))
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if "prometheus" not in line)


def _logged_in(browser: Browser, at_ui: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(at_ui)
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill(_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    return page


def _drawn(page: Page) -> None:
    """Wait until the script has ended and nothing of what components fetch is under way."""
    page.locator(_DONE).wait_for()
    page.wait_for_function(
        "() => document.querySelector('h1') && !document.querySelector('[data-stale=true]')"
    )
    page.evaluate(_PAINTED)


def _print_loads(
    browser: Browser,
    at_ui: str,
    at_empty: str,
    pages: dict[str, str],
    token: str,
    at_host: str,
    *,
    times: int,
) -> None:
    """Print how long a full load of each page takes, above that of an empty one, with a warm cache."""
    empty, ours = browser.new_page(), _logged_in(browser, at_ui)
    print("| page | full load ms | empty page ms | above ms | within the app ms | questions to the host |")
    print("|---|---|---|---|---|---|")
    for name, address in pages.items():
        taken: dict[str, list[float]] = {"full": [], "empty": [], "within": []}
        for _ in range(times):
            taken["full"].append(_timed(lambda: ours.goto(at_ui + address), lambda: _drawn(ours)))
            taken["empty"].append(_timed(lambda: empty.goto(f"{at_empty}/chip"), lambda: _drawn(empty)))
        for _ in range(times):
            ours.goto(f"{at_ui}/settings")
            _drawn(ours)
            before = _asked(at_host, token)
            taken["within"].append(
                _timed(lambda: ours.evaluate(_GO, address), lambda: _arrived(ours, address))
            )
            ours.wait_for_timeout(_QUIET_MS)
            questions = _asked(at_host, token) - before
        full, bare, within = (statistics.median(taken[one]) for one in ("full", "empty", "within"))
        print(f"| {name} | {full:.0f} | {bare:.0f} | {full - bare:.0f} | {within:.0f} | {questions:.0f} |")


_GO = """(href) => { history.pushState({}, "", href); dispatchEvent(new PopStateEvent("popstate", { state: {} })); }"""


def _arrived(page: Page, address: str) -> None:
    page.wait_for_function(
        "() => document.querySelector('h1') && document.querySelector('h1').innerText != 'Settings'"
    ) if "settings" not in address else None
    _drawn(page)


def _timed(act: Callable[[], object], until: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    until()
    return (time.perf_counter() - began) * 1e3


def _print_memory(browser: Browser, at_ui: str, process: Any) -> None:
    """Print what the server holds with many sessions that are open."""
    before = memory_mb(process)
    for _ in range(_SESSIONS):
        page = _logged_in(browser, at_ui)
        page.goto(f"{at_ui}/chip?chip={CHIP}")
        _drawn(page)
    after = memory_mb(process)
    print(
        f"\nmemory of the server: {after:.0f} MB with {_SESSIONS} sessions more, {(after - before) / _SESSIONS:.1f} MB each\n"
    )


if __name__ == "__main__":
    main()
