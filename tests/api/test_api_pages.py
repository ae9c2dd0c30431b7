"""Pages of the API documentation: public, from packaged files, with a policy that permits nothing else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qdash_api.html import api_pages
from qdash_api.html.api_pages import REDOC, SWAGGER_UI, ApiPage

if TYPE_CHECKING:
    from .conftest import Host

LIBRARIES = Path(api_pages.__file__).parent / "libraries"
PAGES = pytest.mark.parametrize(
    ("path", "page"), [("/docs", SWAGGER_UI), ("/redoc", REDOC)], ids=["swagger-ui", "redoc"]
)


@PAGES
def test_a_page_needs_no_token_and_links_only_its_own_files(host: Host, path: str, page: ApiPage) -> None:
    answer = host.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not re.search(r"<style|style=|<script>|\son\w+=|https?:|//", answer.text)
    links = re.findall(r'(?:href|src)="([^"]+)"', answer.text)
    assert [f"/{one}" for one in links if one not in ("data:,", "openapi.json")] == [
        file.path for file in page.files
    ]
    for file in page.files:
        found = host.client.get(file.path)
        assert (found.status_code, found.content) == (200, file.content)
        assert found.headers["content-type"].startswith(file.media_type)
        again = host.client.get(file.path, headers={"if-none-match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@PAGES
def test_the_policy_of_a_page_permits_no_inline_code_and_no_other_host(
    host: Host, path: str, page: ApiPage
) -> None:
    policy = host.client.get(path).headers["content-security-policy"]
    parts = {name: rest.split() for name, _, rest in (one.partition(" ") for one in policy.split("; "))}
    style = parts.pop("style-src")
    assert parts == {
        "default-src": ["'none'"], "script-src": ["'self'"], "connect-src": ["'self'"], "img-src": ["data:"],
        "worker-src": ["blob:"], "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'none'"],
    }  # fmt: skip
    assert style == ["'self'", *page.style_hashes]
    assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", one) for one in page.style_hashes)


def test_the_files_of_a_page_are_served_under_their_names_only(host: Host) -> None:
    for path in (
        "/docs/",
        "/docs/LICENSE",
        "/docs/../libraries/SHA256SUMS",
        "/redoc/page.js/",
        "/docs/page.jsx",
    ):
        assert host.client.get(path).status_code == 401
    assert host.client.post("/docs/page.js").status_code == 401


def test_the_libraries_are_those_of_npm_with_their_licences() -> None:
    sums = dict(reversed(line.split()) for line in (LIBRARIES / "SHA256SUMS").read_text().splitlines())
    found = [one for one in LIBRARIES.rglob("*") if one.parent != LIBRARIES and one.is_file()]
    assert {
        one.relative_to(LIBRARIES).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest() for one in found
    } == sums
    for folder in ("swagger-ui", "redoc"):
        assert {"LICENSE"} < {one.name for one in (LIBRARIES / folder).iterdir()}
        assert list((LIBRARIES / folder).glob("*.js.LICENSE.txt"))
    assert (LIBRARIES / "swagger-ui" / "NOTICE").exists()
    assert b"cdn.redoc.ly" not in (LIBRARIES / "redoc" / "redoc.standalone.js").read_bytes()
