"""References to records in the results of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.conversations.citations import parse_references
from qdash_core.models.references import Reference, list_record_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CITE = "cite"
"""Field with the citation of the record that a part of a result shows."""
_REFERENCE_FIELDS = ("sources", "related")
"""Fields of explanations with lists of references."""


def find_shown_references(result: object) -> Iterator[Reference]:
    """Yield the references to records in the result of a tool: its citations, the ids in its fields, and the sources of evidence.

    Texts of users within the result are not searched.
    """
    yield from _find(
        result, {field: one.name for one in list_record_kinds().values() for field in one.fields}
    )


def _find(result: object, kinds: Mapping[str, str]) -> Iterator[Reference]:
    if isinstance(result, dict):
        for name, one in result.items():
            if isinstance(one, str) and one and name in kinds:
                yield Reference(kinds[name], one)
            elif isinstance(one, str) and name == CITE:
                yield from parse_references(one)
            elif isinstance(one, list) and name in _REFERENCE_FIELDS:
                yield from _read_references(one)
            else:
                yield from _find(one, kinds)
    elif isinstance(result, list):
        for one in result:
            yield from _find(one, kinds)


def _read_references(listed: list[object]) -> Iterator[Reference]:
    for one in listed:
        match one:  # a shortened list ends with a text
            case {"kind": str(kind), "id": str(record_id)}:
                yield Reference(kind, record_id)
