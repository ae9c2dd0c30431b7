"""Distributions of QDash: one version, which each requires of the others."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from qdash_core.features.discovery import list_members
from qdash_core.process.build import read_build
from release import members

if TYPE_CHECKING:
    from pathlib import Path


ROOT = members.ROOT


def test_all_have_one_version_and_require_each_other_in_it() -> None:
    require_version(members.read_version())


def require_version(expected: str) -> None:
    """Raise AssertionError unless all distributions have a version, and require each other in it."""
    for path in members.list_projects():
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        assert project["version"] == expected, path
        extras = project.get("optional-dependencies", {})
        wanted = [*project.get("dependencies", []), *(one for extra in extras.values() for one in extra)]
        loose = [one for one in wanted if one.startswith("qdash") and not one.endswith(f"=={expected}")]
        assert loose == [], path


def test_those_that_are_found_by_name_are_the_members() -> None:
    assert set(members.read_names()) == list_members().keys()
    assert {version(name) for name in list_members()} == {members.read_version()}


def test_the_version_has_release_notes_and_its_section_of_changes() -> None:
    version = members.read_version().partition("rc")[0]
    notes = f"docs/releases/{version}.md"
    assert len((ROOT / notes).read_text(encoding="utf-8").splitlines()) <= 60
    changes, pages, site = (
        (ROOT / page).read_text(encoding="utf-8")
        for page in ("CHANGELOG.md", "docs/releases/README.md", "docs/zensical.toml")
    )
    assert f"## [{version}] - " in changes
    assert f"]({notes})" in changes
    assert f"]({version}.md)" in pages
    assert f'"releases/{version}.md"' in site


def test_one_command_sets_the_version_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = members.list_projects()
    pages = [ROOT / name for name in members.NAMED_IN]
    for path in (*projects, *pages):
        copied = tmp_path / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
    before = members.read_version()
    monkeypatch.setattr(members, "ROOT", tmp_path)
    members.set_version("9.8.7rc1")
    require_version("9.8.7rc1")
    assert all("9.8.7rc1" in (tmp_path / name).read_text(encoding="utf-8") for name in members.NAMED_IN)
    members.set_version(before)
    for path in (*projects, *pages):
        assert (tmp_path / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("wrong", ["", "1", "1.2", "v1.2.3", "1.2.3.dev0", "01.2.3", "1.2.3rc0"])
def test_a_wrong_version_changes_nothing(wrong: str) -> None:
    before = [path.read_bytes() for path in members.list_projects()]
    with pytest.raises(ValueError, match="is not a version like"):
        members.set_version(wrong)
    assert [path.read_bytes() for path in members.list_projects()] == before


def test_a_checkout_knows_its_revision() -> None:
    build = read_build()
    assert build.version == members.read_version()
    assert build.revision is None or len(build.revision) == 40
    assert build.date is None
