"""Pages of the records that answers and evidence refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.references import RecordKind
from qdash_ui_streamlit.display.targets import make_target_url

if TYPE_CHECKING:
    from qdash_core.documents.references import ReferenceDocument
    from qdash_ui_streamlit.view import View


def make_record_url(view: View, record: ReferenceDocument) -> str | None:
    """Return the URL of the page of a record, or None if it has none."""
    kind, name = record.kind, record.id
    if kind is RecordKind.DOC:
        return None
    if kind is RecordKind.VALUE:
        chip_id, target, _ = name.split("/")
        return make_target_url(view, chip_id, target)
    if kind is RecordKind.VALUE_CHANGE:
        chip_id, _, number = name.rpartition("/")
        return view.link("chip", chip=chip_id, view="changes", event=number)
    page = {RecordKind.NOTE: "notes", RecordKind.TASK: "tasks"}.get(kind, kind)
    return view.link(page, **{kind: name})
