"""Base class of the Beanie documents: read-only, and decoded as the store does."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from beanie import Document
from beanie.odm.queries.aggregation import AggregationQuery
from beanie.odm.queries.find import FindMany, FindOne
from beanie.odm.utils.encoder import Encoder
from pydantic import model_validator

from qdash_core.errors import StoreError
from qdash_core.repositories.documents import to_stored_form
from qdash_mongo.document_encoding import BRIEF, TERMS, decode_document
from qdash_mongo.indexes import make_indexes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pymongo.asynchronous.client_session import AsyncClientSession

    from qdash_core.repositories.collection import Collection

WRITING_METHODS = (
    *("insert", "create", "insert_one", "insert_many", "bulk_writer"),
    *("save", "save_changes", "replace", "replace_many"),
    *("update", "update_all", "set", "inc", "current_date"),
    *("delete", "delete_all"),
)
"""Methods of Beanie's documents that would write."""

WRITING_QUERIES = (
    *("update", "update_one", "update_many", "upsert", "replace_one", "set", "inc", "current_date"),
    *("delete", "delete_one", "delete_many"),
)
"""Methods of Beanie's queries that would write."""

_WRITING_STAGES = {"$out", "$merge"}

_ENCODER = Encoder(custom_encoders={datetime: to_stored_form})
"""Encoder of conditions: times are stored as text."""


class _Aggregation(AggregationQuery[Any]):
    """Aggregation that reads."""

    def get_aggregation_pipeline(self) -> list[dict[str, Any]]:
        pipeline = super().get_aggregation_pipeline()
        if any(_WRITING_STAGES.intersection(stage) for stage in pipeline):
            _refuse(self.document_model)
        encoded: list[dict[str, Any]] = _ENCODER.encode(pipeline)
        return encoded


class _FindMany(FindMany[Any]):
    """Query for documents."""

    AggregationQueryType = _Aggregation


class _FindOne(FindOne[Any]):
    """Query for one document."""


class StoredDocument(Document):
    """Document of one collection, for reading only. Beanie's methods that would write raise StoreError."""

    _find_one_query_class: ClassVar[type] = _FindOne
    _find_many_query_class: ClassVar[type] = _FindMany

    def __init_subclass__(cls, *, collection: Collection | None = None, **others: Any) -> None:
        """Set the collection of the documents."""
        super().__init_subclass__(**others)
        if collection is None:
            return
        known = collection

        class Settings:
            name = known.name
            indexes: ClassVar = [*make_indexes(known)]
            bson_encoders: ClassVar = _ENCODER.custom_encoders
            # Whole documents: Beanie would omit the JSON text of those that BSON cannot represent.
            projection: ClassVar = {TERMS: False, BRIEF: False}

        cls.Settings = Settings

    @model_validator(mode="before")
    @classmethod
    def _decode(cls, found: object) -> object:
        """Return the fields of a document from the server; anything else as it is."""
        return _decode_keeping_id(found) if isinstance(found, dict) else found

    @classmethod
    def lazy_parse(cls, data: dict[str, Any], fields: set[str] | None = None) -> Self:
        """Return a document whose fields are parsed when they are read."""
        parsed: Self = super().lazy_parse(_decode_keeping_id(data), fields)
        return parsed

    @classmethod
    async def distinct(
        cls,
        key: str,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  Beanie's name
        session: AsyncClientSession | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """Return the distinct values of a field of the documents that match a filter."""
        return await super().distinct(key, _ENCODER.encode(filter or {}), session, **kwargs)


def _decode_keeping_id(found: dict[str, Any]) -> dict[str, Any]:
    return {**decode_document({**found}), "_id": found.get("_id")}


def _refuse(document: type[StoredDocument], /, *_: object, **__: object) -> NoReturn:
    raise StoreError(
        f"{document.__name__} only reads documents: to change them, use a service of QDash, which checks permissions and records events, "
        "such as `open_qdash().get(ISSUES)`"
    )


def _refuse_query(query: FindMany[Any] | FindOne[Any], *_: object, **__: object) -> NoReturn:
    _refuse(query.document_model)


for _name in WRITING_METHODS:
    setattr(StoredDocument, _name, classmethod(_refuse))
for _name in WRITING_QUERIES:
    setattr(_FindMany, _name, _refuse_query)
    setattr(_FindOne, _name, _refuse_query)
