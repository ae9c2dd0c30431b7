"""Number of the user's open issues in the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.issues.feature import ISSUES

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

    from .conftest import DashboardPages

pytestmark = pytest.mark.slow


def _draw(view: View) -> None:
    import streamlit as st

    from qdash_builtin.issues.feature import FEATURE
    from qdash_ui_streamlit.page import arrange_pages
    from qdash_ui_streamlit.side_bar import get_count, renew_counts

    pages = arrange_pages(FEATURE.pages)
    (page,) = (one for one in pages.placed if one.path == "issues")
    before = get_count(view, page)
    changed = renew_counts(view, pages, clock=lambda: float(st.query_params["at"]))
    assert changed == (get_count(view, page) != before)
    st.text(f"count {get_count(view, page)}")


def test_open_issues_of_the_user_are_counted_every_half_minute(dashboard_pages: DashboardPages) -> None:
    issues, access = dashboard_pages.qdash.get(ISSUES), dashboard_pages.qdash.access
    issues.open(access("editor"), "of the owner", assignees=["owner"])
    page = dashboard_pages.page(_draw, "editor", at="0")
    assert page.text[0].value == "count"
    for number in (1, 2):
        issues.open(access("owner"), f"of the editor {number}", assignees=["editor"])
    page.query_params["at"] = "29"
    assert page.run().text[0].value == "count"
    page.query_params["at"] = "31"
    assert page.run().text[0].value == "count 2"
    issues.close(access("editor"), "2")
    page.query_params["at"] = "62"
    assert page.run().text[0].value == "count 1"
    for number in range(20):
        issues.open(access("owner"), f"another {number}", assignees=["editor"])
    page.query_params["at"] = "93"
    assert page.run().text[0].value == "count 20+"
