"""View models of `qdash store import-qdash`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from pydantic.config import JsonDict

    from qdash_original.original_import import ImportReport

_ARRIVED: JsonDict = {"read": 1, "imported": 1, "already_there": 0, "left_out": 1}
_LEFT_OUT: JsonDict = {
    "collection": "chip",
    "id": "6543a1",
    "field": "size",
    "why": "'many' is not an integer",
}


class ImportedCollectionDocument(Document):
    """Counts of an imported collection of the original system."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ARRIVED]})

    read: int
    """Number of documents in the original."""
    imported: int
    already_there: int
    """Number of records that the store already had."""
    left_out: int
    """Number of omitted documents and fields."""


class OmissionDocument(Document):
    """Omitted document or field of the original system."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LEFT_OUT]})

    collection: str
    id: str
    field: str
    """Path of the omitted field; empty: the whole document."""
    why: str


class OriginalImportDocument(Document):
    """View model of an import from a database of the original system."""

    model_config = ConfigDict(
        populate_by_name=True,
        serialize_by_alias=True,
        json_schema_extra={
            "examples": [
                {
                    "from": "mongodb://lab/qdash",
                    "dry_run": False,
                    "collections": {"chip": _ARRIVED},
                    "left_out": [_LEFT_OUT],
                }
            ]
        },
    )

    source: str = Field(alias="from")
    """URL of the original, without secrets."""
    dry_run: bool
    """True if nothing was written."""
    collections: dict[str, ImportedCollectionDocument]
    left_out: list[OmissionDocument]

    @classmethod
    def from_report(cls, report: ImportReport, *, source: str, dry_run: bool) -> Self:
        """Return the view model of an import from a URL."""
        return cls(
            source=redact_password(source),
            dry_run=dry_run,
            collections={
                name: ImportedCollectionDocument(**asdict(one)) for name, one in report.collections.items()
            },
            left_out=[OmissionDocument(**asdict(one)) for one in report.left_out],
        )
