"""The site of the documentation at the dashboard: public, confined to its files, and absent if it is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from qdash_core.process import documentation_site
from qdash_ui_streamlit.routes.all_routes import make_middleware, make_routes

from ...site_folder import make_site
from .conftest import ORIGIN

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_ui_streamlit.routes.upstream import Upstream

    from .conftest import FakeHost


@pytest.fixture
def dashboard(tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A dashboard of an installation with a site."""
    make_site(tmp_path / "qdash", {"tasks/CheckT1.md": "# CheckT1\n"})
    (tmp_path / "qdash/documentation/search.json").write_text("{}")
    (tmp_path / "qdash/secret.txt").write_text("secret")
    (tmp_path / "qdash/documentation/link.txt").symlink_to(tmp_path / "qdash/secret.txt")
    return make_dashboard(tmp_path / "qdash", upstream, monkeypatch)


def make_dashboard(package: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(documentation_site, "files", lambda _: package)
    app = Starlette(routes=make_routes(upstream), middleware=make_middleware(upstream))
    return TestClient(app, base_url=ORIGIN)


def test_everybody_reads_the_pages_which_load_nothing_from_elsewhere(
    dashboard: TestClient, fake: FakeHost
) -> None:
    page = dashboard.get("/documentation/tasks/CheckT1.html")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-cache"
    again = dashboard.get(
        "/documentation/tasks/CheckT1.html", headers={"if-none-match": page.headers["etag"]}
    )
    assert again.status_code == 304
    assert dashboard.get("/documentation/search.json").headers["content-type"] == "application/json"
    assert fake.asked == []


@pytest.mark.parametrize(
    "path",
    ["/documentation/none.html", "/documentation/../secret.txt", "/documentation/%2e%2e/secret.txt",
     "/documentation/..%2fsecret.txt", "/documentation/link.txt", "/documentation//etc/passwd", "/documentation/tasks"],
)  # fmt: skip
def test_nothing_else_is_served(dashboard: TestClient, path: str) -> None:
    answer = dashboard.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_files_are_only_read(dashboard: TestClient) -> None:
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    for method in ("POST", "PUT", "DELETE"):
        assert dashboard.request(method, "/documentation/index.html", headers=headers).status_code == 405


def test_an_installation_without_the_site_says_so_until_it_is_built(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    dashboard = make_dashboard(tmp_path, upstream, monkeypatch)
    answer = dashboard.get("/documentation/index.html")
    assert answer.status_code == 404
    assert "this installation has no documentation" in answer.text
    make_site(tmp_path, {"operator.md": "# For operators\n"})
    assert dashboard.get("/documentation/index.html").status_code == 200
