"""View model of a reference to a record, and its path on the host."""

from __future__ import annotations

from urllib.parse import quote

from qdash_core.documents.base import Document
from qdash_core.models.references import RecordKind, Reference


class ReferenceDocument(Document):
    """A reference to a record."""

    kind: RecordKind
    id: str
    """Id of the record: `CHIP/TARGET/PARAMETER` of a value, `CHIP/NUMBER` of a change of values, the number of the edit of a note."""


_COLLECTIONS = {
    RecordKind.RESULT: "task-results",
    RecordKind.VALUE_CHANGE: "value-events",
    RecordKind.CHIP: "chips",
    RecordKind.EXECUTION: "executions",
    RecordKind.NOTE: "note-events",
    RecordKind.ISSUE: "issues",
    RecordKind.TASK: "tasks",
}


def make_link(*parts: str) -> str:
    """Return the path of the host with these parts."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def make_route(record: Reference | None) -> str | None:
    """Return the path of a record on the host, or None if it has none."""
    if record is None or record.kind is RecordKind.DOC:
        return None
    if record.kind is RecordKind.VALUE:
        chip_id, target, _ = record.id.split("/")
        return make_link("chips", chip_id, "couplings" if "-" in target else "qubits", target)
    name = record.id.rpartition("/")[2] if record.kind is RecordKind.VALUE_CHANGE else record.id
    return make_link(_COLLECTIONS[record.kind], name)
