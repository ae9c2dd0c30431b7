"""Repository of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.audit import AuditModel
from qdash_core.repositories.base import NumberedRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.pages import Page, PageRequest


class AuditRepository(NumberedRepository[AuditModel]):
    """The audit log by number."""

    collection = "audit"
    model = AuditModel

    def append(self, row: AuditModel) -> AuditModel:
        """Add a row and return it with its number."""
        with self._open_transaction() as transaction:
            seq = transaction.append(self.collection, row.model_dump(exclude={"seq"}))
        return row.model_copy(update={"seq": seq})

    def put(self, row: AuditModel) -> None:
        """Update a row."""
        self._put(row)

    def page(
        self, where: Mapping[str, str], request: PageRequest, *, since: datetime | None = None
    ) -> Page[AuditModel]:
        """Return a page of the rows with these field values since a time, newest first."""
        young = {} if since is None else {"created_at": Range(least=since)}
        return self._page({**where, **young}, request, order=("-seq",))
