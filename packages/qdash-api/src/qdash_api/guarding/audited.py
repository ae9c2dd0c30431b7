"""A request in the audit log: written down once its caller is known to have a right to it, and again with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.audit import AuditModel
    from qdash_core.projects.audit import AuditService


class Audited:
    """A request that may change something.

    Parameters
    ----------
    audit : AuditService
        The log.
    row : AuditModel
        What stands there, without a number yet.
    named : str or None
        The project that the path names. It is there, and the caller's, once the answer is good: who accepts an
        invitation was no member before.
    """

    def __init__(self, audit: AuditService, row: AuditModel, *, named: str | None = None) -> None:
        self._audit = audit
        self._row = row
        self._named = named
        self.has_begun = False
        """True once the request has been written down."""

    def begin(self) -> None:
        """Write it down before it is performed; StoreError when it cannot be: then it is not performed."""
        self._row = self._audit.asked(self._row)
        self.has_begun = True

    def end(self, status: int) -> None:
        """Add the status of the answer to a request that was written down."""
        of = self._row.project_id or (self._named if status < 400 else None)
        self._audit.answered(self._row.model_copy(update={"project_id": of}), status)
