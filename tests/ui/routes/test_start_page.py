"""First HTML of a page: the styles and scripts of all pages are there before Streamlit draws one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.file_util import get_static_dir

from qdash_ui_streamlit.routes.scripts import FIGURE_LIBRARY, make_script_url
from qdash_ui_streamlit.routes.start_page import StartPage
from qdash_ui_streamlit.session import COOKIE

if TYPE_CHECKING:
    from starlette.requests import Request


@pytest.fixture
def browser() -> TestClient:
    """A browser that opens addresses of an application."""

    async def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("the application")

    app = Starlette(routes=[Route("/{path:path}", answer)], middleware=[Middleware(StartPage)])
    return TestClient(app, headers={"accept": "text/html,*/*"}, follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/chip", "/executions?view=queue"])
def test_a_page_has_its_styles_between_those_of_streamlit_and_its_own(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.headers["cache-control"] == "no-cache"
    head, styles, root = (
        answer.text.index(one) for one in ("</head>", ".stMainBlockContainer {", '<div id="root">')
    )
    assert head < styles < root


@pytest.mark.parametrize(
    ("path", "expected"), [("/qubit?qubit=1", True), ("/result", True), ("/chip", False), ("/", False)]
)
def test_a_page_with_figures_loads_their_library_before_the_first(
    browser: TestClient, path: str, expected: bool
) -> None:
    preloaded = re.findall(r'<link rel="preload" as="script" href="([^"]+)"', browser.get(path).text)
    assert preloaded == [make_script_url(FIGURE_LIBRARY)] * expected


def test_a_logged_in_user_sees_the_title_and_the_links_before_streamlit_draws_them(
    browser: TestClient,
) -> None:
    assert 'qdash-outline"' not in browser.get("/metrics").text
    text = browser.get("/metrics", headers={"cookie": f"{COOKIE}=secret"}).text
    outline = text[text.index('<div class="qdash-outline">') : text.index('<div id="root">')]
    assert '<p class="qdash-title linked">Metrics</p>' in outline
    assert '<a href="/">Overview</a>' in outline
    assert '<a href="/cryostats">Cryostats</a>' in outline
    assert "secret" not in text


def test_a_page_names_its_server_before_streamlit_looks_for_it(browser: TestClient) -> None:
    text = browser.get("/chip").text
    assert text.index("BACKEND_BASE_URL: location.origin") < text.index('<script type="module"')


def test_scripts_of_elements_of_all_pages_are_loaded_at_once(browser: TestClient) -> None:
    named = re.findall(r'modulepreload"[^>]* href="\./([^"]+)"', browser.get("/").text)
    for element in ("BidiComponent", "Button", "Html", "Selectbox"):
        assert any(Path(one).name.startswith(f"{element}.") for one in named)
    assert len(named) == len(set(named))
    assert all(Path(get_static_dir(), one).is_file() for one in named)


@pytest.mark.parametrize("path", ["/chip/", "/host/a/b", "/_stcore/health", "/static/js/a.js"])
def test_other_addresses_are_passed_on(browser: TestClient, path: str) -> None:
    assert browser.get(path).text == "the application"


def test_programs_do_not_get_the_page(browser: TestClient) -> None:
    assert browser.get("/chip", headers={"accept": "*/*"}).text == "the application"
