"""Documentation that assistants search and cite."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from qdash_core.assistants.documentation import PAGES, get_section, search_documentation

from qdash_core.errors import NotFoundError

ROOT = Path(__file__).parents[3]


def test_every_page_is_packaged_and_has_sections() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packaged = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert packaged == {f"docs/{page}": f"qdash/documentation/{page}" for page in PAGES}
    for page in PAGES:
        assert get_section(page).path == page


def test_sections_are_found_by_words_and_by_name() -> None:
    for word in ("T1", "IQ"):
        [short] = search_documentation(word, limit=1)
        assert word in short.text
    [found] = search_documentation("review of flagged results", limit=1)
    assert found.name == "experimenter.md#review-flagged-results"
    assert get_section(found.name) == found
    assert search_documentation("xyzzy", limit=5) == []
    with pytest.raises(NotFoundError, match=r"did you mean|no page"):
        get_section("../pyproject.toml")
    with pytest.raises(NotFoundError, match="no section"):
        get_section("glossary.md#nothing")
