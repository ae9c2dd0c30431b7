"""Encoding of documents in MongoDB: as BSON, or as JSON text beside their searchable fields.

BSON cannot represent every JSON document exactly: no integers beyond 64 bits, no field names with NUL or with a leading
`$`, no deep nesting; and integers beyond 32 bits are not read as plain `int`. Such a document is stored as text. The
results of queries do not depend on the encoding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bson
from bson.errors import InvalidDocument
from bson.raw_bson import RawBSONDocument

from qdash_core.repositories.documents import decode, encode_brief, encode_for, search_terms
from qdash_core.repositories.queries import extract_columns, get_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document

TEXT = "_text"
"""Field with the JSON text of a document that BSON cannot represent."""

TERMS = "_terms"
"""Field with the words of a document for text search."""

BRIEF = "_brief"
"""Field with the brief of a document as JSON text."""

_DEEPEST = 90
"""Deepest nesting stored as BSON; the server accepts 100 levels."""

_LONG_NUMBER = re.compile(r"[\[:,]-?\d{10,}[\],}]")
"""Pattern of an integer beyond 32 bits in JSON without spaces. A match within a string only means storage as text."""

_LARGEST = 15 * 2**20
"""Largest document stored as BSON, in bytes; the server accepts 16 MiB. For lists of small numbers JSON is shorter."""


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """Document as it is sent to the server.

    Parameters
    ----------
    key : dict
        Key fields with their values, as a condition.
    columns : dict
        Searchable fields with their values.
    body : RawBSONDocument
        Encoded document.
    """

    key: dict[str, Scalar]
    columns: dict[str, Scalar]
    body: RawBSONDocument


def encode_document(collection: Collection, document: Mapping[str, Any]) -> EncodedDocument:
    """Encode a document for the server.

    Raises
    ------
    InvalidInputError
        If the collection cannot store it.
    """
    columns = dict(zip(collection.fields, extract_columns(collection, document), strict=True))
    text = encode_for(collection.name, document)
    document_fields = decode(text)
    copies = make_copies(collection, document_fields)
    body = (
        encode_bson({**document_fields, **copies})
        if _is_storable_as_bson(document_fields, text, columns)
        else None
    )
    if body is None:
        body = bson.encode({**_pick_searchable(document_fields, collection, columns), TEXT: text, **copies})
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


def _is_storable_as_bson(document_fields: Document, text: str, columns: Mapping[str, Scalar]) -> bool:
    """Return whether the server can store and search the fields of a document as BSON."""
    if '"$' in text or _LONG_NUMBER.search(text) or _is_deep(text):
        return False
    if any(name.startswith("_") or "." in name for name in document_fields):
        return False
    for name, value in columns.items():
        if "." in name and isinstance(document_fields.get(name.partition(".")[0]), list):
            return False
        if type(get_value(document_fields, name)) is not type(value):
            return False
    return True


def encode_bson(document: Document) -> bytes | None:
    """Return a document in BSON, or None if BSON cannot represent it."""
    try:
        body = bson.encode(document)
    except (InvalidDocument, OverflowError):
        return None
    return body if len(body) <= _LARGEST else None


def _is_deep(text: str) -> bool:
    if text.count("{") + text.count("[") <= _DEEPEST:
        return False
    depth = deepest = 0
    for character in text:
        if character in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "}]":
            depth -= 1
    return deepest > _DEEPEST


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
