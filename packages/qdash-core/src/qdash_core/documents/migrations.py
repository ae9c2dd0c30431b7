"""View models of `qdash store migrate` and `qdash store upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.config import JsonDict

    from qdash_core.migration.transfer import CollectionMigration
    from qdash_core.migration.upgrade import UpgradeResult

_MOVED: JsonDict = {
    "copied": 812,
    "already_there": 0,
    "checksum": "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
    "verified": True,
}


class MovedDocument(Document):
    """The result of copying a collection from one store to another."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MOVED]})

    copied: int
    already_there: int
    checksum: str
    """SHA-256 of the source's collection."""
    verified: bool
    """True if the target's collection has the same checksum."""


class MigrationDocument(Document):
    """The collections that were copied from one store to another."""

    model_config = ConfigDict(
        serialize_by_alias=True,
        json_schema_extra={
            "examples": [
                {
                    "from": "sqlite:////home/lab/qdash.db",
                    "to": "mongodb://store/qdash",
                    "collections": {"task_result_history": _MOVED},
                }
            ]
        },
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "store": "sqlite:////home/lab/qdash.db",
                    "before": 9,
                    "after": 12,
                    "due": False,
                    "upgraded": True,
                    "copied_to": "/home/lab/qdash-schema-9.db",
                    "users": [],
                }
            ]
        }
    )

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
