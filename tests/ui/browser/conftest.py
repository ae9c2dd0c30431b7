"""A host with a calibrated chip, its worker and its dashboard as processes, and Chromium to look at them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from ...journeys.command_line import CommandLine, Prepared, wait_until
from ...journeys.hosts import PASSWORD, Host, free_port, host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = "/usr/bin/chromium"
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Dashboard:
    """Where a dashboard answers, and the host behind it, asked by its first user `admin`."""

    url: str
    host: Host
    qdash: CommandLine


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Yield a dashboard with the chip `bench`, a twin of jakarta, of which qubits 0 and 1 are calibrated; users `ed` and `vera`."""
    with ExitStack() as stack:
        prepared = stack.enter_context(Prepared(tmp_path_factory.mktemp("streams")))
        folder = tmp_path_factory.mktemp("dashboard")
        qdash = CommandLine(prepared, folder, folder / "home")
        qdash.does("twin", "create", "bench", "--device", "jakarta", "--seed", "3")
        qdash.does("calibrate", "bench", "--flow", "bring-up", "--qids", "0,1", "--tag", "first")
        admin = stack.enter_context(host(qdash)).set_up()
        for name, role in (("ed", "editor"), ("vera", "viewer")):
            _member(admin, name, role)
        err = stack.enter_context((folder / "said-worker").open("w"))
        stack.enter_context(qdash.running("worker", stdout=err, stderr=err))
        yield stack.enter_context(_served(qdash, admin))


def _member(admin: Host, name: str, role: str) -> None:
    """Make a user of the default project who has the same password as everybody."""
    assert admin.ask("POST", "/users", {"username": name}).status == 201
    link = admin.ask("POST", f"/users/{name}/setup-link").body
    answer = admin.ask("POST", "/auth/setup", {"code": link["code"], "password": PASSWORD})
    assert answer.status == 200, answer
    invited = admin.ask("POST", "/projects/default/members", {"username": name, "role": role})
    assert invited.status == 201, invited
    accepted = admin.acting(answer.body["token"]).ask("POST", "/projects/default/members/accept")
    assert accepted.status == 200, accepted


@contextmanager
def _served(qdash: CommandLine, admin: Host) -> Iterator[Dashboard]:
    """Yield a dashboard that answers."""
    port = free_port()
    # Streamlit warns of its own ways.
    at_host = qdash.with_settings(QDASH_API_URL=admin.url, PYTHONWARNINGS="default")
    with (
        (qdash.folder / "said-ui").open("w") as err,
        at_host.running("ui", "--port", str(port), stdout=err, stderr=err) as process,
    ):
        wait_until(lambda: _answers(port) or process.poll() is not None, what="the dashboard answers")
        assert process.poll() is None, (qdash.folder / "said-ui").read_text()
        yield Dashboard(f"http://127.0.0.1:{port}", admin, qdash)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield the browser of Debian, driven by Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody who looks at a dashboard, and what their browser complains of."""

    page: Page
    dashboard: Dashboard
    complaints: list[str] = field(default_factory=list)

    def opens(self, address: str) -> Page:
        """Open an address of the dashboard anew, and wait until it is drawn."""
        self.page.goto(f"{self.dashboard.url}{address}")
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until nothing of the page is being drawn."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    def logs_in(self, username: str, password: str = PASSWORD) -> None:
        """Fill the form that is there."""
        self.page.get_by_label("User").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_label("Password").wait_for(state="detached")
        self.settled()

    def complains(self, message: ConsoleMessage) -> None:
        # A page but the first one asks for two files beside itself that Streamlit has elsewhere: its issue 7074.
        if message.type == "error" and "404 (Not Found)" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def person(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """Yield somebody with a browser of their own who has not logged in; its console has said nothing bad in the end."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    somebody = Person(page, dashboard)
    page.on("console", somebody.complains)
    page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
    yield somebody
    context.close()
    assert somebody.complaints == []


@pytest.fixture
def admin(person: Person) -> Person:
    """Return somebody who is logged in as `admin`."""
    person.opens("/")
    person.logs_in("admin")
    return person
