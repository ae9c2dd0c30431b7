"""Addresses at which the dashboard has no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from qdash_ui_streamlit.routes.unknown_pages import UnknownPages

if TYPE_CHECKING:
    from starlette.requests import Request

TITLES = {"overview": "Overview", "chip": "Chip", "executions": "Executions"}


@pytest.fixture
def browser() -> TestClient:
    """A browser that opens addresses of an application with three pages."""

    async def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("the application")

    unknown = Middleware(UnknownPages, titles=lambda: TITLES)
    app = Starlette(routes=[Route("/{path:path}", answer)], middleware=[unknown])
    return TestClient(app, headers={"accept": "text/html,*/*"}, follow_redirects=False)


@pytest.mark.parametrize("path", ["/nosuch", "/chip/a", "/a/b/c", "/nosuch%20page"])
def test_an_unknown_page_is_reported_with_a_way_on(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.text
    assert '<a href="/">Open the overview</a>' in answer.text


def test_pages_with_a_similar_address_are_proposed(browser: TestClient) -> None:
    assert '<a href="/chip">Chip</a>' in browser.get("/chips").text
    assert "similar" not in browser.get("/zzz").text


def test_an_address_is_shown_as_text(browser: TestClient) -> None:
    answer = browser.get("/%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/", "/chip", "/chip/", "/executions?view=queue", "/host/a/b", "/_stcore/health"]
)
def test_known_pages_and_routes_of_the_server_are_passed_on(browser: TestClient, path: str) -> None:
    assert browser.get(path).text == "the application"


def test_only_addresses_that_a_browser_opens_are_looked_up(browser: TestClient) -> None:
    assert browser.get("/nosuch.js", headers={"accept": "*/*"}).text == "the application"


def test_the_name_of_the_default_page_leads_to_it(browser: TestClient) -> None:
    answer = browser.get("/overview?chip=a")
    assert (answer.status_code, answer.headers["location"]) == (307, "/?chip=a")
