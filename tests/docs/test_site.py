"""Sources of the site, and its check: links between pages and to sources, and files from elsewhere."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from docs import site_sources
from docs.site_check import find_faults
from docs.site_sources import NOT_SEARCHED, get_site_path, list_generators, read_pages

from ..case_tables import each_case
from .pages import PAGES, ROOT, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository without generators."""
    monkeypatch.setattr(site_sources, "ROOT", tmp_path)
    monkeypatch.setattr(site_sources, "list_generators", lambda: {"docs/hooks.md": lambda: "# Hooks\n"})
    for name, text in {
        "README.md": "# QDash\n\n[guide](docs/guide.md#a-b), ![map](docs/images/map.svg), `[code](none.md)`\n",
        "docs/guide.md": "# Guide\n\n[`hooks`](hooks.md), [home](../README.md), [limits](../src/limits.py), [a](https://a.example)\n\n"
        "```text\n[kept](none.md)\n```\n",
        "docs/images/map.svg": "<svg/>",
        "src/limits.py": "",
        "CHANGELOG.md": "# Changelog\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_links_lead_to_pages_of_the_site_and_those_to_sources_become_text(repository: Path) -> None:
    site_sources.write_sources(repository / "sources")

    def read(name: str) -> str:
        return (repository / "sources" / name).read_text()

    assert (
        read("index.md").splitlines()[-1]
        == "[guide](guide.md#a-b), ![map](images/map.svg), `[code](none.md)`"
    )
    assert "[`hooks`](hooks.md), [home](index.md), limits, [a](https://a.example)\n" in read("guide.md")
    assert "[kept](none.md)" in read("guide.md")
    assert read("images/map.svg") == "<svg/>"
    assert "exclude: true" in read("CHANGELOG.md")


def test_a_link_to_a_missing_page_ends_the_build(repository: Path) -> None:
    (repository / "docs/guide.md").write_text("[gone](gone.md)\n")
    with pytest.raises(SystemExit, match=r"docs/guide\.md: gone\.md does not exist"):
        site_sources.write_sources(repository / "sources")


FAULTS = {
    '<a href="none.html">x</a>': "none.html leads nowhere",
    '<a href="other.html#none">x</a>': "other.html#none leads nowhere",
    '<a href="../page.html">x</a>': "../page.html leads nowhere",
    '<img src="none.png">': "none.png leads nowhere",
    '<script src="https://unpkg.com/a.js"></script>': "loads https://unpkg.com/a.js",
    '<link rel="stylesheet" href="//fonts.example/a.css">': "loads //fonts.example/a.css",
}


@each_case("text", FAULTS)
def test_a_broken_link_and_a_file_from_elsewhere_are_faults(tmp_path: Path, text: str) -> None:
    whole = '<a href="other.html#a%20b">x</a> <a href="https://a.example">x</a> <a href="#top">x</a> <p id="top"></p>'
    (tmp_path / "other.html").write_text('<h2 id="a b">B</h2>')
    (tmp_path / "page.html").write_text(whole)
    assert find_faults(tmp_path) == []
    (tmp_path / "page.html").write_text(whole + text)
    [fault] = find_faults(tmp_path)
    assert fault.startswith("page.html")
    assert fault.endswith(FAULTS[text])


def test_a_page_outside_docs_links_only_to_what_is_committed() -> None:
    generated = list_generators().keys() - read_pages().keys()
    targets = {
        f"{page}: {target}"
        for page, target in iter_links()
        if target in generated and not page.startswith("docs/")
    }
    assert targets == set()


def test_every_link_of_a_committed_page_leads_to_a_file_or_a_generated_page() -> None:
    generated = list_generators()
    missing = {
        f"{page}: {target}"
        for page, target in iter_links()
        if target not in generated and not (ROOT / target).exists()
    }
    assert missing == set()


def iter_links() -> Iterator[tuple[str, str]]:
    """Yield each link between files of the repository: the page, and the path of its target."""
    for page in PAGES:
        for found in site_sources._LINK_OR_CODE.finditer(page.read_text(encoding="utf-8")):
            path = (found["target"] or "").partition("#")[0]
            if path and ":" not in path:
                linked = (page.parent / path).resolve()
                yield name_of(page), linked.relative_to(ROOT).as_posix()


def test_what_is_generated_is_not_committed() -> None:
    with_generated_tables = {"docs/http.md", "docs/stability.md"}
    assert read_pages().keys() & list_generators().keys() == with_generated_tables


def test_every_searched_page_is_in_the_navigation() -> None:
    project = tomllib.loads((ROOT / "docs/zensical.toml").read_text("utf-8"))["project"]
    pages = {path for path in {*read_pages(), *list_generators()} if path.endswith(".md")}
    listed = set(iter_paths(project["nav"]))
    assert listed - {get_site_path(path) for path in pages} == set()
    parts = ("docs/tasks/", "benchmarks/", "faults/")  # whose lists link them
    assert {get_site_path(path) for path in pages if not path.startswith(parts)} - listed == set()
    assert {
        PurePosixPath(get_site_path(path)).name for path in NOT_SEARCHED if path.endswith(".md")
    } <= listed


def iter_paths(items: list[Any]) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield item
        else:
            for inner in item.values():
                yield from iter_paths(inner)


def test_the_script_for_opened_files_is_the_published_one() -> None:
    folder = ROOT / "docs/iframe-worker"
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    for digest, name in (line.split() for line in lines):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert {path.name for path in folder.iterdir()} == {"SHA256SUMS", *(line.split()[1] for line in lines)}
