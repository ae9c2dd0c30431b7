"""Documents that the store contract writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.store import Document

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
COUNTER = ("p", "20260101")


def make_first_counter() -> Document:
    """Return the initial document of the counter with key `COUNTER`."""
    return {"project_id": COUNTER[0], "date": COUNTER[1], "index": 1}


def nest_fields(fields: Mapping[str, Any]) -> Document:
    """Return a document with these fields, where `a.b` is field `b` within `a`."""
    document: Document = {}
    for name, value in fields.items():
        outer, _, inner = name.partition(".")
        if inner:
            document.setdefault(outer, {})[inner] = value
        else:
            document[outer] = value
    return document


def make_result(task_id: str, **fields: Any) -> Document:
    """Return a document like a task result."""
    return {"project_id": "p", "task_id": task_id, "chip_id": "c", "start_at": None, **fields}
