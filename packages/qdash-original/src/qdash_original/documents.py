"""View models of `qdash store import-qdash`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.parsing.urls import redact_password
from qdash_original.omission_kinds import group_omissions

if TYPE_CHECKING:
    from pydantic.config import JsonDict

    from qdash_original.original_import import ImportReport

_ARRIVED: JsonDict = {
    "read": 1,
    "imported": 1,
    "already_there": 0,
    "left_out": 1,
    "outcome": "imported",
    "where": "chips",
}
_LEFT_OUT: JsonDict = {
    "collection": "qubit",
    "field": "data.*",
    "count": 12,
    "id": "6543a1",
    "example": "data.t1",
    "why": "'many' is not a number",
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
    outcome: str
    """`imported`, `merged` into other records, `left out`, or `made` from other collections."""
    where: str
    """Destination of the documents, or the reason why they are left out."""


class OmissionKindDocument(Document):
    """Kind of omitted documents or fields of the original system, with one of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LEFT_OUT]})

    collection: str
    field: str
    """Path of the omitted fields, with `*` in place of names; empty: whole documents."""
    count: int
    id: str = Field(validation_alias=AliasPath("example", "id"))
    """The `_id` of the first document."""
    example: str = Field(validation_alias=AliasPath("example", "field"))
    """Path of the field that is omitted from it."""
    why: str = Field(validation_alias=AliasPath("example", "why"))
    """Reason for it."""


class OriginalImportDocument(Document):
    """View model of an import from a database of the original system."""

    model_config = ConfigDict(
        serialize_by_alias=True,
        json_schema_extra={
            "examples": [
                {
                    "from": "mongodb://lab/qdash",
                    "dry_run": False,
                    "collections": {"chip": _ARRIVED},
                    "left_out": [_LEFT_OUT],
                    "without_password": ["alice"],
                }
            ]
        },
    )

    source: str = Field(alias="from")
    """URL of the original, without secrets."""
    dry_run: bool
    """True if nothing was written."""
    collections: dict[str, ImportedCollectionDocument]
    left_out: list[OmissionKindDocument]
    without_password: list[str]
    """Imported users, who cannot log in before they have set a password."""

    @classmethod
    def from_report(cls, report: ImportReport, *, source: str, dry_run: bool) -> Self:
        """Return the view model of an import from a URL."""
        return cls.from_record(
            report,
            source=redact_password(source),
            dry_run=dry_run,
            left_out=group_omissions(report.left_out),
        )
