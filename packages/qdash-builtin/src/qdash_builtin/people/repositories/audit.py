"""Repository of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.people.models.audit import AuditModel
from qdash_core.repositories.base import NumberedRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

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
        self, where: Mapping[str, Any], request: PageRequest, selects: Callable[[AuditModel], bool]
    ) -> Page[AuditModel]:
        """Return a page of the rows that meet conditions and that a function selects, newest first; it may be short."""
        return self._page_selected(where, request, selects, order=("-seq",))
