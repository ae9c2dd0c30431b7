"""Documentation that assistants search and cite: the pages of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.documentation import find_checkout, get_section, search_documentation
from qdash_core.errors import NotFoundError
from qdash_core.process import documentation_site

from ...site_folder import ROOT, make_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("site")


def test_every_page_has_sections(site: Path) -> None:
    for page in (site / "sources").rglob("*.md"):
        name = page.relative_to(site / "sources").as_posix()
        assert get_section(name).path == name


def test_sections_are_found_by_words_and_by_name() -> None:
    for word in ("T1", "IQ"):
        [short] = search_documentation(word, limit=1)
        assert word in short.text
    [found] = search_documentation("review of flagged results", limit=1)
    assert found.name == "features/review.md#review-flagged-results"
    assert found.address == "features/review.html#review-flagged-results"
    assert get_section(found.name) == found
    assert search_documentation("xyzzy", limit=5) == []
    with pytest.raises(NotFoundError, match=r"did you mean|no page"):
        get_section("../pyproject.toml")
    with pytest.raises(NotFoundError, match="no section"):
        get_section("glossary.md#nothing")


def test_equal_headings_have_the_anchors_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(tmp_path, {"a.md": "# A\n\n## Inputs\n\none\n\n## Inputs\n\ntwo\n"})
    monkeypatch.setattr(documentation_site, "files", lambda _: site.parent)
    assert get_section("a.md#inputs_1").text == "two"


def test_without_a_site_every_search_says_that_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation_site, "files", lambda _: tmp_path)
    for ask in (lambda: search_documentation("T1", limit=1), lambda: get_section("glossary.md")):
        with pytest.raises(NotFoundError, match="this installation has no documentation"):
            ask()
    assert find_checkout() is None
    monkeypatch.setattr(documentation_site, "files", lambda _: ROOT / "src/qdash")
    assert find_checkout() == ROOT
