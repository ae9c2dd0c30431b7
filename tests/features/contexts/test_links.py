"""Links of contexts and of records to pages of the dashboard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from qdash_builtin.contexts.views.context_markdown import DASHBOARD_PAGES
from qdash_core.documents.references import ReferenceDocument
from qdash_core.models.references import list_record_kinds
from qdash_ui_streamlit.display.records import make_record_url
from qdash_ui_streamlit.process_cache import get_page_titles

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

PATHS = get_page_titles().keys()


def test_every_linked_page_exists() -> None:
    assert {*DASHBOARD_PAGES.values()} <= PATHS


def test_every_record_has_a_page_but_documentation() -> None:
    ids = {"value": "a/0/t1", "value-change": "a/7"}
    view = cast("View", SimpleNamespace(link=lambda path, **_: path))
    found = {
        kind: make_record_url(view, ReferenceDocument(kind=kind, id=ids.get(kind, "1")))
        for kind in list_record_kinds()
    }
    assert found.pop("doc") is None
    assert {*found.values()} <= PATHS
