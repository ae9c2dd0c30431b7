"""Pages of the API documentation, Swagger UI and ReDoc, in a browser: complete, without errors or outside requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_api.openapi import describe_app, iter_operations
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings

from ...api.sockets import Sockets, run_host
from .person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

RECORD_VIOLATIONS = (
    "violations = []; addEventListener('securitypolicyviolation', one => violations.push(one.blockedURI))"
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    with run_host(Settings(home=tmp_path_factory.mktemp("pages")), load_plugins()) as host:
        yield host


@pytest.fixture
def reader(chromium: Browser, host: Sockets) -> Iterator[Person]:
    """A user whose browser reports no error and no violated policy, and connects to the host only."""
    person = Person.with_browser(chromium, f"http://127.0.0.1:{host.address[1]}")
    person.page.add_init_script(RECORD_VIOLATIONS)
    requests: list[str] = []
    person.page.context.on("request", lambda request: requests.append(request.url))
    yield person
    assert person.page.evaluate("violations") == []
    person.page.context.close()
    assert person.complaints == []
    assert person.foreign_requests == []
    assert len(requests) >= 4, "the page, its files and the document"


def list_operations(host: Sockets) -> list[tuple[str, str, str]]:
    """Return tag, method and path of each operation."""
    document = describe_app(host.host.app)
    return [(one["tags"][0], method, path) for path, method, one in iter_operations(document)]


@pytest.mark.slow
def test_swagger_ui_lists_every_operation_and_sends_requests(reader: Person, host: Sockets) -> None:
    page, operations = reader.page, list_operations(host)
    page.goto(f"{reader.url}/docs")
    page.locator(".opblock-tag").first.wait_for()
    assert page.locator(".opblock-tag").count() == len({tag for tag, _, _ in operations})
    page.locator("#operations-tag-auth").click()
    shown = page.locator("#operations-tag-auth + div .opblock")
    shown.first.wait_for()
    assert shown.count() == len([tag for tag, _, _ in operations if tag == "auth"])
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("auth-bearer-value").fill(host.token)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Close").click()
    operation = page.locator("#operations-auth-who_am_i")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    answer.get_by_text("200").first.wait_for()
    assert '"editor"' in answer.inner_text()


@pytest.mark.release
def test_redoc_shows_and_finds_every_operation(reader: Person, host: Sockets) -> None:
    page, operations = reader.page, list_operations(host)
    page.goto(f"{reader.url}/redoc")
    sections = page.locator("[id*='/operation/'][data-section-id]")
    page.get_by_role("heading", name="List the locks on the instruments").wait_for()
    assert sections.count() == len(operations)
    assert page.locator("img").count() == page.locator("img[src^='data:']").count()
    page.get_by_placeholder("Search").fill("instruments")
    page.locator("[data-role='search:results']").get_by_text("List the locks").wait_for()


@pytest.mark.release
def test_the_styles_of_both_pages_are_applied(reader: Person) -> None:
    for path, element in (("/docs", ".opblock-tag"), ("/redoc", ".menu-content")):
        page = reader.page
        page.goto(f"{reader.url}{path}")
        page.locator(element).first.wait_for()
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
        assert page.evaluate(f"getComputedStyle(document.querySelector('{element}')).display") == "flex"
