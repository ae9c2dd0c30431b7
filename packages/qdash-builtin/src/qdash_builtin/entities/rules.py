"""Rules for the records of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.models.base import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.repositories.repositories import Repositories

M = TypeVar("M", bound=Record)


class EntityRules(Generic[M]):
    """Rules for the records of an entity. The default allows everything. Each method runs in the transaction of the change."""

    def apply(
        self,
        repositories: Repositories,  # noqa: ARG002
        record: M,
        former: M | None,  # noqa: ARG002
        *,
        given: Mapping[str, Any],  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> M:
        """Return a new or changed record as it is stored, or raise an error of QDash with the reason of a refusal.

        Parameters
        ----------
        repositories : Repositories
            The store, within the transaction.
        record, former : Record
            The record with the change, and before it; None for a new one.
        given : mapping
            The fields that the user gave.
        """
        return record

    def check_deletion(self, repositories: Repositories, record: M) -> None:
        """Raise ConflictError if a record must stay."""

    def record_change(self, repositories: Repositories, former: M | None, record: M | None) -> None:
        """Write further records in the same transaction, such as an event. `former` is None after a creation, `record` after a deletion."""
