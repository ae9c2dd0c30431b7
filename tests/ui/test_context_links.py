"""Links of contexts to pages of the dashboard."""

from __future__ import annotations

from qdash_core.documents.context_markdown import DASHBOARD_PAGES
from qdash_ui_streamlit.pages.all_pages import PAGES


def test_every_linked_page_exists() -> None:
    assert {*DASHBOARD_PAGES.values()} <= {page.path for page in PAGES}
