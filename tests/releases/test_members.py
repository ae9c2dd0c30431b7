"""Distributions of QDash: one version, which each requires of the others."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import pytest

from qdash_core.build import read_build
from qdash_core.hooks.discovery import MEMBERS
from release import members


def test_all_have_one_version_and_require_each_other_in_it() -> None:
    expected = members.read_version()
    for path in members.list_projects():
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        assert project["version"] == expected, path
        extras = project.get("optional-dependencies", {})
        wanted = [*project.get("dependencies", []), *(one for extra in extras.values() for one in extra)]
        loose = [one for one in wanted if one.startswith("qdash") and not one.endswith(f"=={expected}")]
        assert loose == [], path


def test_those_that_are_found_by_name_are_the_members() -> None:
    assert set(members.read_names()) == MEMBERS
    assert {version(name) for name in MEMBERS} == {members.read_version()}


def test_the_version_has_release_notes_and_its_section_of_changes() -> None:
    version = members.read_version().partition("rc")[0]
    notes = f"docs/releases/{version}.md"
    assert len((members.ROOT / notes).read_text(encoding="utf-8").splitlines()) <= 60
    changes, pages, site = (
        (members.ROOT / page).read_text(encoding="utf-8")
        for page in ("CHANGELOG.md", "docs/releases/README.md", "docs/zensical.toml")
    )
    assert f"## [{version}] - " in changes
    assert f"]({notes})" in changes
    assert f"]({version}.md)" in pages
    assert f'"releases/{version}.md"' in site


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
