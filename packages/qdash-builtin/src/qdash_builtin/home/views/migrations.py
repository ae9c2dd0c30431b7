"""View models of `qdash store migrate` and `qdash store upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.parsing.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.home.migration.transfer import CollectionMigration
    from qdash_builtin.home.migration.upgrade import UpgradeResult


class MovedDocument(Document):
    """The result of copying a collection from one store to another."""

    copied: int
    already_there: int
    checksum: str
    """SHA-256 of the source's collection."""
    verified: bool
    """True if the target's collection has the same checksum."""


class MigrationDocument(Document):
    """The collections that were copied from one store to another."""

    model_config = ConfigDict(serialize_by_alias=True)

    source: str = Field(alias="from")
    target: str = Field(alias="to")
    """Both URLs are without secrets."""
    collections: dict[str, MovedDocument]

    @classmethod
    def from_moves(cls, moved: Mapping[str, CollectionMigration], *, source: str, target: str) -> Self:
        """Return the view model of a migration between two URLs."""
        collections = {name: MovedDocument.from_record(one) for name, one in moved.items()}
        return cls(source=redact_password(source), target=redact_password(target), collections=collections)


class StoreUpgradeDocument(Document):
    """The upgrade of a store to the schema of this QDash, or its check."""

    store: str
    """URL of the store, without secrets."""
    before: int
    """Version of its schema before the upgrade."""
    after: int
    """Version of the schema of this QDash."""
    due: bool
    """True if the store still has to be upgraded."""
    upgraded: bool
    copied_to: str | None = None
    """Path of the copy of the store before the upgrade, or None if none was made."""
    users: list[str]
    """Processes that have the store open, after a check."""

    @classmethod
    def from_result(cls, result: UpgradeResult) -> Self:
        """Return the view model of an upgrade or its check."""
        return cls(
            store=result.store,
            before=result.upgrade.before,
            after=result.upgrade.after,
            due=result.is_due,
            upgraded=result.upgraded,
            copied_to=result.upgrade.copy or None,
            users=list(result.users),
        )
