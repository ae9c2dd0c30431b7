"""Build of the site, which replaces the last one as a whole and nothing else."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from docs import __main__ as builder
from qdash_builtin.home.documentation import REVISION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the site, which a builder of a page fills."""

    def build_site(work: Path) -> Path:
        site = work / "site"
        site.mkdir()
        (site / "index.html").write_text("new")
        return site

    folder = tmp_path / "site"
    monkeypatch.setattr(builder, "build_site", build_site)
    monkeypatch.setattr(builder, "read_checkout_revision", lambda _: "1234")
    monkeypatch.setattr(sys, "argv", ["docs", "--output", str(folder)])
    return folder


def list_files(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_site_replaces_the_last_one_as_a_whole(output: Path) -> None:
    for _ in range(2):
        builder.main()
        assert list_files(output.parent) == {"site/index.html": "new", f"site/{REVISION}": "1234"}
        (output / "old.html").write_text("old")


@pytest.mark.parametrize("name", ["index.html", "notes.txt"])
def test_a_folder_that_is_not_a_site_is_refused(output: Path, name: str) -> None:
    output.mkdir()
    (output / name).write_text("mine")
    with pytest.raises(SystemExit):
        builder.main()
    assert list_files(output.parent) == {f"site/{name}": "mine"}


def test_the_folder_of_the_distribution_is_replaced_whatever_it_holds(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "SITE", output)
    output.mkdir()
    (output / "half.html").write_text("half")
    builder.main()
    assert "half.html" not in list_files(output)


def test_a_site_with_a_fault_leaves_the_last_one(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder.main()
    before = list_files(output.parent)
    monkeypatch.setattr(builder, "find_faults", lambda _: ["index.html: none.html leads nowhere"])
    with pytest.raises(SystemExit, match="leads nowhere"):
        builder.main()
    assert list_files(output.parent) == before


def test_concurrent_builds_replace_each_other(output: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(builder.main) for _ in range(16)]:
            done.result()
    assert list_files(output.parent) == {"site/index.html": "new", f"site/{REVISION}": "1234"}


def test_a_site_has_the_licences_of_the_theme_and_of_its_icons(tmp_path: Path) -> None:
    builder.write_licences(tmp_path)
    text = (tmp_path / "LICENSE").read_text()
    for expected in (
        "Copyright (c) 2025-2026 Zensical",
        "ISC License",
        "Font Awesome Free License",
        "Pictogrammers",
    ):
        assert expected in text
