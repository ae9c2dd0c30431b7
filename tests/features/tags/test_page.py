"""Tags page: use with links, addition, and questions before a replacement."""

from __future__ import annotations

import pytest

from qdash_builtin.tags.pages import tags

from ...ui.tables import read_rows
from ..journal import SPITEFUL, Journal, join_texts, list_buttons, press

pytestmark = pytest.mark.slow


def test_tags_are_listed_with_their_use_and_merged_after_confirmation(journal: Journal) -> None:
    page = journal.pages.page(tags.render, "viewer")
    evening, night = read_rows(page, "Tags")
    assert (night["name"], night["n_executions"], night["n_results"]) == ("night", 1, 1)
    assert night["results"].endswith("/executions?view=results&tag=night")
    assert evening["n_results"] == 0
    assert list_buttons(page) == []
    page = journal.pages.page(tags.render, "editor")
    assert "Select tags" in join_texts(page)
    page.session_state["tags.table"] = {"chosen": ["night", "evening"]}
    page = page.run()
    page.text_input(key="tags.to").set_value("nightly").run()
    page = press(page, "Merge …")
    assert "1 execution, 1 result, " in join_texts(page)
    assert list_buttons(page)[-2:] == ["Replace", "Go back"]


def test_a_tag_is_added(journal: Journal) -> None:
    page = journal.pages.page(tags.render, "editor")
    page.text_input[0].input(SPITEFUL)
    page = press(page, "Add")
    assert SPITEFUL in [row["name"] for row in read_rows(page, "Tags")]
    page.session_state["tags.table"] = {"chosen": [SPITEFUL]}
    page = press(page.run(), "Remove …")
    assert r"\<img src" in join_texts(page)
    assert "will be removed from 0 executions" in join_texts(page)
