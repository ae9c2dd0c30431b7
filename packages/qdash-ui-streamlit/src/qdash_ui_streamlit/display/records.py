"""Pages of the records that answers and evidence refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.references import Reference
from qdash_ui_streamlit.process_cache import get_page_titles

if TYPE_CHECKING:
    from qdash_core.documents.references import ReferenceDocument
    from qdash_ui_streamlit.view import View


def make_record_url(view: View, record: ReferenceDocument) -> str | None:
    """Return the URL of the page of a record, or None if no installed page shows it."""
    path, params = Reference(record.kind, record.id).page or ("", {})
    return view.link(path, **params) if path in get_page_titles() else None
