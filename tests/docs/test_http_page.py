"""The page of routes is as the routes are, and names what serves every endpoint of the original."""

from __future__ import annotations

import re
import runpy

from .pages import ROOT


def test_the_tables_are_as_the_routes_are() -> None:
    text = (ROOT / "docs/http.md").read_text(encoding="utf-8")
    page = runpy.run_path(str(ROOT / "docs/make_http.py"))["page"]
    assert text == page(text), "run: uv run docs/make_http.py"


def test_every_endpoint_of_the_original_is_served_under_its_path() -> None:
    text = (ROOT / "docs/http.md").read_text(encoding="utf-8").partition("<!-- reference -->")[2]
    rows = re.findall(r"^\| `(.*?)` \| `(\w+) (.*?)` \|", text, re.MULTILINE)
    assert len(rows) == 25
    for named, _, path in rows:
        if named.startswith("/"):  # create, read, update and delete below a collection
            assert path.startswith(named.partition(":")[0])
        else:
            method, written = named.split(" ")[:2]
            assert _plain(f"{method} {written}") in text
            assert _plain(written) == _plain(path)


def _plain(path: str) -> str:
    """Return a path without its query."""
    return path.partition("?")[0].rstrip(",")
