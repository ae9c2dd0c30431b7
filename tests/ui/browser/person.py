"""A user with a browser, its console errors, and its connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from ...journeys.hosts import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

PATIENCE_MS = 90_000
"""Limit of each wait: on a busy machine a run and the pages that show it take a third of it."""


@dataclass(frozen=True)
class Complaint:
    """An error in the console: its page, message, and resource."""

    at: str
    text: str
    of: str


@dataclass
class Person:
    """A user of an application in a browser."""

    page: Page
    url: str
    complaints: list[Complaint] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)

    @classmethod
    def with_browser(cls, chromium: Browser, url: str) -> Self:
        """Return a user with a fresh browser."""
        # Without a graphics processor every frame of an animation is drawn by the main one: a third of the time of a page.
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        person = cls(context.new_page(), url)
        # Streamlit loses a click on a page that it is drawing: actions wait until it has drawn.
        person.page.add_locator_handler(
            person.page.locator("[data-testid=stApp][data-test-script-state=running]"), lambda: None
        )
        context.on("console", person._record_complaint)
        context.on(
            "weberror", lambda error: person._add_complaint((error.page or person.page).url, str(error.error))
        )
        context.on("request", person._record_request)
        return person

    # ------------------------------------------------------------------------------------------------------ what they do

    def log_in_directly(self, username: str) -> Self:
        """Log in without the form."""
        answer = self.page.context.request.post(
            f"{self.url}/auth/login",
            data={"username": username, "password": PASSWORD},
            headers={"origin": self.url},
        )
        assert answer.ok, answer.text()
        return self

    def log_in(self, username: str) -> None:
        """Fill in the login form."""
        self.page.get_by_label("User").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_label("Password").wait_for(state="detached")
        self.wait_until_drawn()

    def open(self, address: str) -> Page:
        """Load an address, and wait until it is drawn."""
        self.page.goto(f"{self.url}{address}")
        self.wait_until_drawn()
        return self.page

    def wait_until_drawn(self) -> None:
        """Wait until all parts of the page are drawn."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        self.page.locator("h1").first.wait_for()
        self.page.wait_for_function(
            "() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')"
        )

    @property
    def address(self) -> str:
        """Current address."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    # ------------------------------------------------------------------------------------------------------ what is heard

    def _record_complaint(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            of = urlsplit(message.location["url"]).path
            self._add_complaint((message.page or self.page).url, message.text, of)

    def _add_complaint(self, at: str, text: str, of: str = "") -> None:
        self.complaints.append(Complaint(urlsplit(at).path, text.replace(self.url, ""), of))

    def _record_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.foreign_requests.append(request.url)
