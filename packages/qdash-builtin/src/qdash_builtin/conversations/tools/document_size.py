"""Reduction of JSON documents to a size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.tools.shown_references import CITE

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CHARACTERS = 16_000
"""Maximum size of the result of a tool, as compact JSON."""
_STEPS = (200, 100, 50, 30, 20, 15, 10, 7, 5, 3, 2, 1)
_CHARACTERS_PER_ITEM = 40
_SHORTEST_TEXT = 80
_DEEPEST = 40
_LONGEST_CITATION = 300
SHORTENED = "shortened"


def write_compact(document: object) -> str:
    """Return a document as compact JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def fit_document(document: Mapping[str, Any], size: int = MOST_CHARACTERS) -> dict[str, Any]:
    """Return a document whose compact JSON has at most `size` characters.

    Lists, tables (objects whose values are all lists or objects) and texts are shortened to the same measure, each with the number of its
    missing parts, and the field `shortened` says so. A document that is too large even then is replaced by this field and its citation.
    Citations are never shortened: the model could not cite the record.
    """
    if len(write_compact(document)) <= size:
        return dict(document)
    for most in _STEPS:
        longest = max(most * _CHARACTERS_PER_ITEM, _SHORTEST_TEXT)
        note = (
            f"this document was too large: lists and tables end after {most} entries and texts after {longest} characters; "
            "narrow the request for the rest"
        )
        fitted = {**_shorten_fields(document, most, longest, 0), SHORTENED: note}
        if len(write_compact(fitted)) <= size:
            return fitted
    return {
        **({CITE: document[CITE]} if _is_citation(CITE, document.get(CITE)) else {}),
        SHORTENED: f"this document is larger than {size} characters even without most of its entries; narrow the request",
    }


def _shorten_fields(fields: Mapping[str, Any], most: int, longest: int, depth: int) -> dict[str, Any]:
    return {
        name: one if _is_citation(name, one) else _shorten(one, most, longest, depth + 1)
        for name, one in fields.items()
    }


def _is_citation(name: str, value: object) -> bool:
    return name == CITE and isinstance(value, str) and len(write_compact(value)) <= _LONGEST_CITATION


def _shorten(value: Any, most: int, longest: int, depth: int) -> Any:
    if isinstance(value, str):
        return (
            value if len(value) <= longest else f"{value[:longest]}… ({len(value) - longest} more characters)"
        )
    if isinstance(value, (list, dict)) and depth >= _DEEPEST:
        return "…"
    if isinstance(value, list):
        kept: list[Any] = [_shorten(one, most, longest, depth + 1) for one in value[:most]]
        return kept if len(value) <= most else [*kept, f"({len(value) - most} more)"]
    if isinstance(value, dict):
        names = [*value]
        if len(names) > most and all(isinstance(one, (list, dict)) for one in value.values()):
            table = {name: _shorten(value[name], most, longest, depth + 1) for name in names[:most]}
            return {**table, "(more)": len(names) - most}
        return _shorten_fields(value, most, longest, depth)
    return value
