"""The built site in a browser: as files and at the dashboard, wide and narrow, light and dark, with a search and nothing from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from uvicorn import Config, Server

from docs.site_check import find_faults
from qdash_builtin.home.documentation import get_section, search_documentation
from qdash_cli.listening_sockets import open_listener
from qdash_core.process import documentation_site
from qdash_ui_streamlit.routes.documentation import PATH, make_documentation_route

from .test_api_pages import RECORD_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[3]
PAGES = ("index", "operator", "commands", "settings", "tasks/CheckT1", "http")
SEARCHES = {
    "flagged value": "features/review",
    "own fit notebook": "recipes/own-fit-in-a-notebook",
    "T2 after cool-down": "recipes/compare-cool-downs",
    "undo value": "features/values",
    "export to Qiskit": "features/exchange",
    "nightly calibration": "features/timetables",
    "error bar meaning": "error-bars",
    "readout fidelity definition": "built-in-metrics",
    "exclude bad qubit": "features/chips",
    "chi squared above 10": "features/results",
    "Why did my T1 fit fail?": "symptoms",  # no section has "why", "did" and "my"
    "give read access": "recipes/give-read-access",
    "resume interrupted run": "recipes/a-power-cut",
    "kill -9 worker": "features/runs",
    "MongoDB backup": "backups",
    "reset password": "features/people",
    "upgrade store": "stores",
    "instrument lock": "locks",
    "disk full": "faults",
    "install systemd service": "server",
    "TLS reverse proxy": "server",
    "Slack webhook notification": "operator",
    "lifetime lease": "settings",
    "write a backend": "plugins/backends",
    "laboratory sign convention": "plugins/laboratory",
    "add custom metric": "recipes/add-a-metric",
    "dashboard page plugin": "plugins/pages",
    "new task unit test": "plugins/tasks",
    "qubex port experiment": "qubex",
    "drift simulated chip": "physics-noise-and-drift",
    "build a release": "release-process",
    "ratchet lines of code": "contributor",
}
"""Page that is among the first three matches of each search."""
LARGEST = 20_000_000
"""Bytes of all files of the site."""
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of an installed distribution whose site was built."""
    folder = tmp_path_factory.mktemp("qdash")
    command = [sys.executable, "-m", "docs", "--output", str(folder / "documentation")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=280)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documentation_site, "files", lambda _: folder)
        yield folder


@contextmanager
def serve() -> Iterator[str]:
    """Yield the address of the site at a server with the dashboard's route."""
    with open_listener("127.0.0.1", 0) as listener:
        server = Server(Config(Starlette(routes=[make_documentation_route()]), log_level="warning"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_every_link_and_every_section_that_is_cited_is_there(package: Path) -> None:
    site = package / "documentation"
    assert find_faults(site) == []
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < LARGEST
    for words in ("instrument lock", "QDASH_LEASE_TTL_S", "qdash docs", "CheckRabi", "cross resonance"):
        for section in search_documentation(words, limit=10):
            page, _, anchor = section.address.partition("#")
            assert f'id="{anchor}"' in (site / page).read_text("utf-8"), section.address
            assert get_section(section.name) == section


@pytest.mark.parametrize(
    ("served", "width", "scheme"),
    [
        pytest.param(False, 1440, "light", marks=pytest.mark.slow),
        pytest.param(False, 390, "dark", marks=pytest.mark.release),
        pytest.param(True, 1440, "light", marks=pytest.mark.release),
        pytest.param(True, 390, "dark", marks=pytest.mark.slow),
    ],
)
def test_pages_are_readable_and_the_search_finds(
    package: Path, chromium: Browser, served: bool, width: int, scheme: str
) -> None:
    if not served:
        read_site(chromium, (package / "documentation").as_uri(), width, scheme)
        return
    with serve() as address:
        read_site(chromium, address, width, scheme)


def read_site(chromium: Browser, address: str, width: int, scheme: str) -> None:
    """Open pages and search; nothing is wider than the window, and nothing comes from elsewhere."""
    requests: list[str] = []
    complaints: list[str] = []
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(RECORD_VIOLATIONS)
    context.on("request", lambda request: requests.append(request.url))
    context.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{address}/{name}.html")
        assert page.locator("h1").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("violations") == [], name
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, background.removeprefix("rgb(").rstrip(")").split(", "))) > 3 * 128
    assert light == (scheme == "light")
    page.goto(f"{address}/index.html")
    page.locator("[for=__search]:visible, button:has-text('Search'):visible").first.click()
    for words, wanted in SEARCHES.items():
        page.get_by_placeholder("Search").fill(words)
        page.locator(f"a[href*='/{wanted}.html?']").first.wait_for()
        found = page.locator("a[href*='.html?h=']").evaluate_all("links => links.map(link => link.pathname)")
        assert [one for one in list(dict.fromkeys(found))[:3] if one.endswith(f"/{wanted}.html")], words
    context.close()
    assert complaints == []
    assert {one for one in requests if not one.startswith((address, "data:"))} == set()
