"""Audit log entry of a request, written once its caller is authorized and completed with the status."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.people.audit import AuditService
    from qdash_builtin.people.models.audit import AuditModel, FieldChange

_MOST_CHANGES = 50
"""Maximum number of fields that an entry keeps."""


class AuditEntry:
    """Audit log entry of a request that may change something.

    Parameters
    ----------
    audit : AuditService
        Audit log.
    row : AuditModel
        Entry to be written, without a number yet.
    path_project : str or None
        Project in the path. It counts as the project of the entry only if the request succeeds: a user who
        accepts an invitation is no member before.
    """

    def __init__(self, audit: AuditService, row: AuditModel, *, path_project: str | None = None) -> None:
        self._audit = audit
        self._row = row
        self._path_project = path_project
        self.created_project: str | None = None
        """Project that the request has created."""
        self._object_rows: list[AuditModel] = []
        self._changes: list[FieldChange] = []
        self.is_written = False
        """True once the entry has been written."""

    def record_changes(self, changes: list[FieldChange]) -> None:
        """Add the fields of the object that the request has changed."""
        self._changes = changes

    def begin(self, operation: str = "") -> None:
        """Write the entry of an operation before the request is performed.

        Raises
        ------
        StoreError
            If it cannot be written; the request is not performed then.
        """
        self._row = self._audit.record_request(self._row.model_copy(update={"operation": operation}))
        self.is_written = True

    def add_objects(self, paths: Iterable[str]) -> None:
        """Write an entry for each object that the request changes, with the path of the object.

        Raises
        ------
        StoreError
            If they cannot be written; nothing may be changed then.
        """
        self._object_rows = self._audit.record_objects(self._row, paths)

    def end(self, status: int) -> None:
        """Add the status of the response to an entry that was written."""
        done = self.created_project or self._path_project
        of = self._row.project_id or (done if status < 400 else None)
        rows = [row.model_copy(update={"project_id": of}) for row in (self._row, *self._object_rows)]
        rows[0] = rows[0].model_copy(
            update={
                "changes": self._changes[:_MOST_CHANGES],
                "n_further_changes": len(self._changes[_MOST_CHANGES:]),
            }
        )
        self._audit.record_response(rows, status)
