"""View model of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import AliasPath, Field

from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.people.models.audit import AuditModel

_CSV_COLUMNS = (
    *("seq", "created_at", "username", "token", "project_id", "operation", "method", "path", "status"),
    *("address", "request_id"),
)


class FieldChangeDocument(Document):
    """Field of an object before and after a request, as text; long texts are cut."""

    field: str
    """Name, with the names of outer fields: `request.tags`."""
    before: str | None = None
    """Absent if it was absent."""
    after: str | None = None
    """Absent if it is absent."""


class AuditDocument(Document):
    """A request that might have changed data, and the status of its answer."""

    seq: int
    at: UtcDatetime = Field(validation_alias=AliasPath("created_at"))
    request_id: str
    username: str | None = None
    """Absent if the request was not authenticated."""
    token: str | None = None
    project_id: str | None = None
    operation: OmitEmpty[str] = None
    """Name of the operation; absent for logins, routes of plugins and older rows."""
    method: str
    path: str
    address: str | None = None
    status: int | None = None
    """Absent if no answer is recorded; the change may have been made all the same."""
    changes: OmitEmpty[list[FieldChangeDocument]] = None
    """Fields that differ, for operations that record them; `drafted_by` is the assistant whose proposal the user confirmed."""
    n_further_changes: OmitEmpty[int] = None
    """Number of fields that differ, but are not in `changes`."""

    @property
    def action(self) -> str:
        """The operation in words, or the method if it is unknown."""
        return self.operation.replace("_", " ") if self.operation else self.method

    def describe_changes(self, *, most: int | None = None) -> str:
        """Return the changed fields as one text, and the number of those beyond `most` or not recorded."""
        changes = self.changes or []
        shown = changes[:most]
        parts = [f"{one.field}: {one.before or '–'} → {one.after or '–'}" for one in shown]
        n_further = len(changes) - len(shown) + (self.n_further_changes or 0)
        return "; ".join([*parts, *([f"and {n_further} more"] if n_further else [])])


def make_audit_csv(rows: Iterable[AuditModel]) -> str:
    """Return rows of the audit log as CSV; times in UTC, unknown fields empty, changes as one text."""
    return make_csv((*_CSV_COLUMNS, "changes"), map(_list_cells, rows))


def _list_cells(row: AuditModel) -> list[object]:
    changes = AuditDocument.from_record(row).describe_changes()
    fields = {**dict(row), "created_at": row.created_at.isoformat()}
    return [*(fields[name] for name in _CSV_COLUMNS), changes]
