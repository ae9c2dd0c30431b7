"""Differences between two versions of an object, field by field, for the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_builtin.people.models.audit import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_TEXT = 300
"""Maximum number of characters of a value; longer ones are cut."""
_IGNORED = frozenset({"updated_at"})


def compare_fields(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[FieldChange]:
    """Return the fields that differ between two versions of an object as JSON values, by name.

    A list is one value. None is an object that does not exist.
    """
    former, present = (dict(_iter_fields(one or {}, "")) for one in (before, after))
    return [
        FieldChange(field=name, before=_to_text(former.get(name)), after=_to_text(present.get(name)))
        for name in sorted({*former, *present} - _IGNORED)
        if former.get(name) != present.get(name)
    ]


def _iter_fields(mapping: Mapping[str, Any], within: str) -> Iterator[tuple[str, Any]]:
    for name, value in mapping.items():
        if isinstance(value, dict) and value:
            yield from _iter_fields(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _to_text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
