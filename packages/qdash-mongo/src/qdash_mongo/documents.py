"""Encoding of documents in MongoDB: as they are, or as JSON text beside their searchable fields.

BSON cannot hold every JSON document exactly: no whole numbers beyond 64 bits, no names with NUL, none that begin with
`$`, no deep nesting; and whole numbers beyond 32 bits do not come out as plain `int`. Such a document is kept as text.
What is asked of a document never depends on the way it is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bson
from bson.errors import InvalidDocument
from bson.raw_bson import RawBSONDocument

from qdash_core.repositories.documents import decode, encode_for, search_terms
from qdash_core.repositories.queries import columns_of, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.schema import Collection
    from qdash_core.repositories.store import Document

TEXT = "_text"
"""Field with the JSON text of a document that BSON cannot hold."""

TERMS = "_terms"
"""Field with the words by which a document is found."""

_DEEPEST = 90
"""The server takes 100 levels."""

_LONG_NUMBER = re.compile(r"[\[:,]-?\d{10,}[\],}]")
"""In JSON without spaces. What it finds within a text does no harm."""

_LARGEST = 15 * 2**20
"""In bytes of BSON, which needs more than JSON for lists of small numbers; the server takes 16 MiB."""


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A document on its way to the server.

    Parameters
    ----------
    key : dict
        The key fields and their values, as a condition.
    columns : dict
        Every field by which documents are found, and its value.
    body : RawBSONDocument
        What is sent.
    """

    key: dict[str, Scalar]
    columns: dict[str, Scalar]
    body: RawBSONDocument


def stored(collection: Collection, document: Mapping[str, Any]) -> EncodedDocument:
    """Return a document as it is sent to the server.

    Raises
    ------
    InvalidInputError
        If the collection cannot hold it.
    """
    columns = dict(zip(collection.fields, columns_of(collection, document), strict=True))
    text = encode_for(collection.name, document)
    own = decode(text)
    terms = terms_of(collection, own)
    body = encoded({**own, **terms}) if _is_found_as_itself(own, text, columns) else None
    if body is None:
        body = bson.encode({**_searched(own, collection, columns), TEXT: text, **terms})
    key = {name: columns[name] for name in collection.key}
    return EncodedDocument(key, columns, RawBSONDocument(body))


def terms_of(collection: Collection, document: Mapping[str, Any]) -> Document:
    """Return the field with the words by which a document is found, where there are any."""
    found = search_terms(document.get(collection.text) or "") if collection.text else ()
    return {TERMS: sorted(found)} if found else {}


def original(found: Document) -> Document:
    """Return a document as it went in."""
    text = found.get(TEXT)
    if text is not None:
        return decode(text)
    for name in ("_id", TERMS):
        found.pop(name, None)
    return found


def _is_found_as_itself(own: Document, text: str, columns: Mapping[str, Scalar]) -> bool:
    """Return whether the server accepts a document's own fields and can search them."""
    if '"$' in text or _LONG_NUMBER.search(text) or _is_deep(text):
        return False
    if any(name.startswith("_") or "." in name for name in own):
        return False
    for name, value in columns.items():
        if "." in name and isinstance(own.get(name.partition(".")[0]), list):
            return False
        if type(value_at(own, name)) is not type(value):
            return False
    return True


def encoded(document: Document) -> bytes | None:
    """Return a document in BSON, or None if it cannot hold it."""
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


def _searched(own: Document, collection: Collection, columns: Mapping[str, Scalar]) -> Document:
    searched: Document = {name: own[name] for name in collection.lists if name in own}
    for name, value in columns.items():
        outer, _, inner = name.partition(".")
        if inner:
            searched.setdefault(outer, {})[inner] = value
        else:
            searched[name] = value
    return searched
