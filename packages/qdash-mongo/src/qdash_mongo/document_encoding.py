"""Encoding of documents in MongoDB: as BSON, or as JSON text beside their searchable fields.

BSON cannot represent every JSON document exactly: integers beyond 32 bits, field names with NUL or a leading `$`, deep
nesting. Such a document is stored as text. The results of queries do not depend on the encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any

import bson
from bson.errors import InvalidDocument
from bson.raw_bson import RawBSONDocument

from qdash_core.repositories.documents import (
    LARGEST_DOCUMENT,
    TypedDocument,
    decode,
    encode_brief,
    encode_for,
    search_terms,
    to_scalar,
)
from qdash_core.repositories.queries import extract_columns, get_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.store import Document

TEXT = "_text"
"""Field with the JSON text of a document that BSON cannot represent."""

TERMS = "_terms"
"""Field with the words of a document for text search."""

BRIEF = "_brief"
"""Field with the brief of a document as JSON text."""

_DEEPEST = 90
"""Deepest nesting stored as BSON; the server accepts 100 levels."""

_LARGEST_INTEGER = 2**31

_SAME_IN_BSON = frozenset((str, bool, NoneType))
"""Types of JSON values that need no conversion."""

_LONGEST_JSON = 6
"""Greatest ratio of the lengths of JSON and BSON, for control characters."""

_LARGEST = 15 * 2**20
"""Largest document stored as BSON, in bytes; the server accepts 16 MiB. For lists of small numbers JSON is shorter."""


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """Document as it is sent to the server, with its key as a condition and its searchable fields."""

    key: dict[str, Scalar]
    columns: dict[str, Scalar]
    body: RawBSONDocument


def encode_document(collection: Collection, document: Mapping[str, Any]) -> EncodedDocument:
    """Encode a document for the server.

    Raises InvalidInputError if the collection cannot store it.
    """
    columns = dict(zip(collection.fields, extract_columns(collection, document), strict=True))
    body = _encode_as_bson(collection, document, columns)
    if body is None or len(body) * _LONGEST_JSON > LARGEST_DOCUMENT:
        text = encode_for(collection.name, document)
        body = body or _encode_as_text(collection, text, columns)
    key = {name: columns[name] for name in collection.key}
    return EncodedDocument(key, columns, RawBSONDocument(body))


def make_copies(collection: Collection, document: Mapping[str, Any]) -> Document:
    """Return the fields with the brief of a document and its words for text search, or none."""
    found = search_terms(document.get(collection.text) or "") if collection.text else ()
    copies: Document = {TERMS: sorted(found)} if found else {}
    return {**copies, BRIEF: encode_brief(collection, document)} if collection.brief else copies


def decode_document(found: Document) -> Document:
    """Decode a document from the server."""
    text = found.get(TEXT)
    if text is not None:
        return decode(text)
    for name in ("_id", TERMS, BRIEF):
        found.pop(name, None)
    return found


def _encode_as_bson(
    collection: Collection, document: Mapping[str, Any], columns: Mapping[str, Scalar]
) -> bytes | None:
    """Return a document in BSON, or None if the server cannot store and search its fields, or it is not JSON."""
    try:
        copied = _copy_document(document)
    except (TypeError, ValueError):
        return None
    if any(name.startswith("_") or "." in name for name in copied):
        return None
    for name, value in columns.items():
        if "." in name and isinstance(copied.get(name.partition(".")[0]), list):
            return None
        if type(get_value(copied, name)) is not type(value):
            return None
    return encode_bson({**copied, **make_copies(collection, copied)})


def _copy_document(document: Mapping[str, Any]) -> Document:
    """Return the copy of a document; raise as `_copy_for_bson`."""
    copied: Document
    if not isinstance(document, TypedDocument):
        copied = _copy_for_bson(document, _DEEPEST)
    elif "bson" in document.kept:
        copied = document.kept["bson"]
    else:
        first = {} if document.extends is None else _copy_document(document.extends)
        copied = document.kept["bson"] = {**first, **_copy_for_bson(document.own_fields, _DEEPEST)}
    return copied


def _copy_for_bson(value: Any, levels: int) -> Any:
    """Return a copy of a JSON value with times and enumerations as text.

    Raises TypeError or ValueError if BSON cannot represent it at so many levels of nesting, or it is not JSON.
    """
    if type(value) is float and isfinite(value):
        return value
    if not isinstance(value, (dict, list, tuple)):
        return _copy_scalar(value)
    if not levels:
        raise ValueError("the nesting is too deep")
    if not isinstance(value, dict):
        return [part if type(part) in _SAME_IN_BSON else _copy_for_bson(part, levels - 1) for part in value]
    if "$" in "".join(value):
        raise ValueError("a field name may begin with $")
    copied = dict(value)
    for name, part in value.items():
        kind = type(part)
        if not (kind in _SAME_IN_BSON or (kind is float and isfinite(part))):
            copied[name] = _copy_for_bson(part, levels - 1)
    return copied


def _copy_scalar(value: object) -> Scalar:
    scalar = to_scalar(value)
    if isinstance(scalar, int) and not -_LARGEST_INTEGER <= scalar < _LARGEST_INTEGER:
        raise ValueError("the number needs more than 32 bits")
    return scalar


def _encode_as_text(collection: Collection, text: str, columns: Mapping[str, Scalar]) -> bytes:
    """Return BSON with a document as its JSON text, beside its searchable fields."""
    document_fields = decode(text)
    copies = make_copies(collection, document_fields)
    return bson.encode({**_pick_searchable(document_fields, collection, columns), TEXT: text, **copies})


def encode_bson(document: Document) -> bytes | None:
    """Return a document in BSON, or None if BSON cannot represent it."""
    try:
        body = bson.encode(document)
    except (InvalidDocument, OverflowError, UnicodeEncodeError):
        return None
    return body if len(body) <= _LARGEST else None


def _pick_searchable(
    document_fields: Document, collection: Collection, columns: Mapping[str, Scalar]
) -> Document:
    searched: Document = {name: document_fields[name] for name in collection.lists if name in document_fields}
    for name, value in columns.items():
        outer, _, inner = name.partition(".")
        if inner:
            searched.setdefault(outer, {})[inner] = value
        else:
            searched[name] = value
    return searched
