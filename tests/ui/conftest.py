"""Pages of the dashboard on a host in this process, drawn without a browser."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from shutil import which
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from qdash_builtin.people.feature import TOKENS
from qdash_core.models.token import TokenScope
from qdash_remote import connect
from qdash_ui_streamlit.view import View

from ..api.conftest import Host, host, imported_routes, registry, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from qdash_core.runtime.application import QDash

__all__ = ["host", "imported_routes", "registry", "settings"]

# Each page that is drawn would read the metadata of all distributions, which takes as long as to draw it.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

CHROMIUM = next(filter(None, map(which, ("chromium-headless-shell", "chromium"))), "chromium-headless-shell")
"""Debian's Chromium without windows, which opens a page in three quarters of the processor time, or the usual one."""
_UNUSED = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "PreloadTopChromeWebUI")
"""Features that load pages of the address bar for every window: half the processor time of opening a page."""
_USUAL = ("PaintHolding", "HttpsUpgrades", "AvoidUnnecessaryBeforeUnloadCheckSync", "PreconnectToSearch")
"""Features that Playwright disables for pages: a second option takes the place of its own."""
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_UNUSED + _USUAL)}",
)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Original main module, restored after Streamlit's script, since processes spawned later would import
    that.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


class InProcess(httpx.BaseTransport):
    """Transport that hands requests to a host in this process."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._host.client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.read()
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@dataclass(frozen=True)
class DashboardPages:
    """Users of the pages of a dashboard on one host."""

    host: Host

    @property
    def qdash(self) -> QDash:
        return self.host.qdash

    def view(self, username: str, scope: TokenScope = TokenScope.ADMIN) -> View:
        """Return the view of a user with a new token of a scope."""
        name = f"token-{len(self.qdash.get(TOKENS).list_by_user(username, by=username))}"
        secret, _ = self.qdash.get(TOKENS).create(username, name, scope=scope)
        client = connect("http://testserver", secret, transport=InProcess(self.host))
        me = client.identify()
        return View(client, me, me.project_id or "-", ZoneInfo("Europe/Zurich"))

    def page(self, render: Callable[[View], None], username: str, /, **params: str) -> AppTest:
        """Return a page for a user at an address with parameters, drawn once."""
        return self.draw(render, self.view(username), **params)

    def draw(self, render: Callable[[View], None], view: View, /, **params: str) -> AppTest:
        """Return a page with a given view, drawn once."""
        drawn = AppTest.from_function(_draw, kwargs={"render": render, "view": view})
        drawn.default_timeout = 20
        for name, value in params.items():
            drawn.query_params[name] = value
        return drawn.run()


def _draw(render, view):  # type: ignore[no-untyped-def]  # run alone: no name of this module is known
    from qdash_ui_streamlit.display.reruns import draw_said

    render(view)
    draw_said()


@pytest.fixture
def dashboard_pages(host: Host) -> DashboardPages:
    return DashboardPages(host)


@contextmanager
def run_chromium(*options: str) -> Iterator[Browser]:
    """Run Debian's browser under Playwright, whose loop runs in this thread, for the length of a block, with further options."""
    from playwright.sync_api import sync_playwright  # slow to import

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_OPTIONS, *options])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for as long as the tests of a module use it."""
    with run_chromium() as browser:
        yield browser
