"""Command `qdash docs`: address of the site or of a section, and messages without a site."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click
import pytest

from qdash_builtin.home.commands import docs
from qdash_builtin.home.documentation import REVISION
from qdash_cli.main import run
from qdash_core.process import documentation_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("shared_plugins")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of an installed distribution without a site."""
    folder = tmp_path / "src" / "qdash"
    folder.mkdir(parents=True)
    monkeypatch.setattr(documentation_site, "files", lambda _: folder)
    return folder


@pytest.fixture
def site(package: Path) -> Path:
    """Site with a page."""
    folder = package / "documentation"
    (folder / "sources/tasks").mkdir(parents=True)
    (folder / "index.html").touch()
    (folder / "sources/tasks/CheckT1.md").write_text("# CheckT1\n\n## A short window\n\nOf the decay.\n")
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were opened in the browser."""
    found: list[str] = []
    monkeypatch.setattr(click, "launch", found.append)
    return found


def test_the_site_is_opened_if_there_is_a_display(
    site: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = (site / "index.html").as_uri()
    monkeypatch.setenv("DISPLAY", ":0")
    assert run(["docs"]) == 0
    assert opened == [address]
    assert run(["docs", "--print"]) == 0
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert run(["docs"]) == 0
    assert opened == [address]
    assert capsys.readouterr().out == f"{address}\n" * 3


def test_words_lead_to_the_section_that_fits_them(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "--print", "short", "window"]) == 0
    assert capsys.readouterr().out == f"{site.as_uri()}/tasks/CheckT1.html#a-short-window\n"
    assert run(["docs", "--json", "short window"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "address": f"{site.as_uri()}/tasks/CheckT1.html#a-short-window"
    }
    assert run(["docs", "--print", "xyzzy"]) == 2
    assert "no section with 'xyzzy'" in capsys.readouterr().err


def test_an_installation_without_the_site_says_so(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs"]) == 2
    assert "this installation has no documentation" in capsys.readouterr().err


def test_a_checkout_without_tools_says_how_to_get_them(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_checkout(package, "")
    monkeypatch.setattr(docs, "find_spec", lambda _: None)
    assert run(["docs", "short", "a window"]) == 2
    assert "uv run --group dev qdash docs short 'a window'`" in capsys.readouterr().err


def test_the_first_call_in_a_checkout_builds_the_site(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_checkout(package, "raise SystemExit('a link leads nowhere')")
    assert run(["docs", "--print"]) == 2
    assert "could not be built" in capsys.readouterr().err
    site = package / "documentation"
    make_checkout(
        package,
        f"import pathlib; pathlib.Path({str(site)!r}).mkdir(); open({str(site / 'index.html')!r}, 'w')",
    )
    assert run(["docs", "--print"]) == 0
    assert capsys.readouterr().out == f"{(site / 'index.html').as_uri()}\n"


def test_a_site_of_another_revision_of_a_checkout_says_so(
    site: Path, package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_checkout(package, "")
    monkeypatch.setattr("qdash_core.process.build.read_checkout_revision", lambda _: "abcdef0123456789")
    for built, message in (("1234567890abc", "revision 123456789"), ("abcdef0123456789", "")):
        (site / REVISION).write_text(built)
        assert run(["docs", "--print"]) == 0
        error = capsys.readouterr().err
        assert (message in error, "python -m docs" in error) == (True, bool(message))


def make_checkout(package: Path, program: str) -> None:
    """Put the builder of the site beside a package."""
    folder = package.parents[1] / "docs"
    folder.mkdir(exist_ok=True)
    (folder / "__main__.py").write_text(program)
