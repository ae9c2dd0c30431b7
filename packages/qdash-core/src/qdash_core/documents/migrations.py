"""View models of `qdash store migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.config import JsonDict

    from qdash_core.migration.transfer import CollectionMigration

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
