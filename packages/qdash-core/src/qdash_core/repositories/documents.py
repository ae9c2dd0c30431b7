"""JSON encoding of documents, the same in every store, and search terms."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_core.repositories.collection import Collection

Scalar = str | int | float | None
"""A value of a field that documents are found and ordered by."""

_LARGEST = 2**63
_TIME_WIDTH = len("2026-11-20T07:25:01.000000")
_OTHER_TIME = re.compile(r'T\d\d:\d\d:\d\d(?!\.\d{6}Z")')
"""A time in a text of JSON that stores write otherwise: of a full second, or not in UTC."""

LARGEST_DOCUMENT = 15 * 2**20
"""Maximum size of a document in bytes of JSON. MongoDB limits it to 16 MiB, and all stores have the same
limit."""

_WITHOUT_SPACES = (
    "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"([{_WITHOUT_SPACES}]+)|[^\W_{_WITHOUT_SPACES}]+")


class TypedDocument(dict[str, Any]):
    """Document of a record without fields of any type: its values are JSON, but for times, enumerations and numbers that are not finite.

    Its fields follow those of the document that it extends, if any, and do not change: `kept` has encoded forms of it, each encoded once.
    """

    def __init__(self, fields: Mapping[str, Any], *, extends: TypedDocument | None = None) -> None:
        super().__init__(fields if extends is None else {**extends, **fields})
        self.own_fields, self.extends = fields, extends
        self.kept: dict[str, Any] = {}


def encode(document: Mapping[str, Any]) -> str:
    """Return a document as JSON text.

    Raises
    ------
    InvalidInputError
        If a value is not valid JSON, such as NaN or an infinity. The message names the field.
    """
    if isinstance(document, TypedDocument) and (encoded := _encode_typed(document)) is not None:
        return encoded
    try:
        text = _ENCODER.encode(document)
        if not text.isascii():
            text.encode()
    except (ValueError, TypeError) as error:
        raise InvalidInputError(
            f"a document cannot be kept: {_find_first_fault(document) or error}"
        ) from error
    return text


def encode_for(collection: str, document: Mapping[str, Any]) -> str:
    """Return a document of a collection as JSON text; InvalidInputError as in `encode`, or if it is too large."""
    text = encode(document)
    if len(text) * 4 > LARGEST_DOCUMENT and (size := len(text.encode())) > LARGEST_DOCUMENT:
        raise InvalidInputError(
            f"a document of {collection} would have {size / 2**20:.1f} MiB, and {LARGEST_DOCUMENT / 2**20:.0f} MiB "
            f"can be kept: what is large belongs into raw data"
        )
    return text


def estimate_size(value: object) -> int:
    """Return the approximate size of a value in bytes of JSON, without encoding it."""
    size, seen, waiting = 0, set[int](), [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (dict, list, tuple)):
            if id(part) not in seen:
                seen.add(id(part))
                waiting.extend([*part, *part.values()] if isinstance(part, dict) else part)
        elif isinstance(part, str):
            size += len(part)
        else:
            size += int(getattr(part, "nbytes", 1))  # an array
    return size


def search_terms(text: str) -> frozenset[str]:
    """Return the search terms of a text, the same in every store.

    A term is a sequence of letters and digits, regardless of case and width. Japanese and Chinese are written
    without spaces: each of their characters, and each pair of neighbouring ones, is a term.
    """
    terms: set[str] = set()
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        word, without_spaces = run[0], run[1]
        if without_spaces:
            terms.update(word)
            terms.update(word[place : place + 2] for place in range(len(word) - 1))
        else:
            terms.add(word)
    return frozenset(terms)


def decode(text: str) -> dict[str, Any]:
    """Return a new document from JSON text; raise `json.JSONDecodeError` if it is none."""
    document: dict[str, Any] = _parse(text)
    return document


def decode_all(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return new documents from JSON texts, parsed together in half the time of single calls; raise as `decode`."""
    documents: list[dict[str, Any]] = _parse(join_as_list(texts))
    return documents


def join_as_list(texts: Iterable[str]) -> str:
    """Return many documents, each as JSON text, as one JSON list."""
    return f"[{','.join(texts)}]"


def make_brief(collection: Collection, document: Mapping[str, Any]) -> list[Any]:
    """Return the brief of a document: the values of `collection.brief`, None for empty and missing ones."""
    values: list[Any] = []
    for name in collection.brief:
        value, kept = document.get(name), collection.brief_entries.get(name)
        if kept is not None and isinstance(value, dict):
            value = {key: {part: one[part] for part in kept if part in one} for key, one in value.items()}
        values.append(None if value in ([], {}) else value)
    return values


def encode_brief(collection: Collection, document: Mapping[str, Any]) -> str:
    """Return the brief of a document as JSON text."""
    return _ENCODER.encode(make_brief(collection, document))


def decode_briefs(texts: Iterable[str]) -> list[list[Any]]:
    """Return the briefs that `encode_brief` has encoded."""
    # Most texts in briefs are ids and times: a cache of them takes longer than it saves.
    briefs: list[list[Any]] = from_json(join_as_list(texts), cache_strings="keys")
    return briefs


def to_stored_form(value: object) -> Any:
    """Return a value as a store will return it."""
    return decode(encode({"value": value}))["value"]


def to_scalar(value: object) -> Scalar:
    """Return a value in the form used for comparisons: text, number or None.

    Raises
    ------
    InvalidInputError
        If it is something else, is not finite, or does not fit 64 bits.
    """
    if type(value) is str and value.isascii():
        return value
    if isinstance(value, str):
        return _check_text(str.__str__(value))
    if value is None:
        return None
    if isinstance(value, int):
        if not -_LARGEST <= value < _LARGEST:
            raise InvalidInputError(f"{value} does not fit 64 bits")
        return int(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise InvalidInputError(f"{value} is not a finite number")
        return float(value)
    if isinstance(value, datetime):
        return _format_time(value)
    raise InvalidInputError(f"a field that is searched holds text, a number, a time or None, not {value!r}")


def _parse(text: str) -> Any:
    """Return the value of a JSON text, in half the time of `json`, which says where a text is damaged and reads deeper ones."""
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


def _check_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{text!r} is not valid Unicode") from error
    return text


@lru_cache(maxsize=1024)  # a value is written with its target, the daily copy and the change
def _format_time(moment: object) -> str:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} is not a JSON value")
    offset = moment.utcoffset()
    if offset is None:
        raise InvalidInputError(f"{moment.isoformat()} needs a time zone")
    if offset:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:_TIME_WIDTH] + "Z"


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_format_time)


def _encode_typed(document: TypedDocument) -> str | None:
    """Return the text of a document in half the time of `json`, or None if it may have a value that pydantic writes otherwise."""
    if "text" not in document.kept:
        text = _encode_fields(document.own_fields)
        if document.extends is not None and text is not None:
            first = _encode_typed(document.extends)
            text = None if first is None else f"{first[:-1]},{text[1:]}"
        document.kept["text"] = text
    encoded: str | None = document.kept["text"]
    return encoded


def _encode_fields(fields: Mapping[str, Any]) -> str | None:
    try:
        text = to_json(fields).decode()
    except ValueError:
        return None
    not_finite = ("N" in text and "NaN" in text) or ("I" in text and "Infinity" in text)
    return None if not_finite or _OTHER_TIME.search(text) else text


def _find_first_fault(document: Mapping[str, Any]) -> str:
    for path, value in _iter_leaves(document, ""):
        try:
            _ENCODER.encode(value).encode()
        except (ValueError, TypeError):
            return f"{path} is {value!r}"
    return ""


def _iter_leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _iter_leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _iter_leaves(part, f"{path}[{index}]")
    else:
        yield path, value
