"""Idempotency keys of requests, each with the record that its request made."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from qdash_core.models.base import Record

_FORMER = {
    "value_event": "value event",
    "task_id": "result",
    "release": "release",
    "issue_id": "issue",
    "execution_id": "execution",
}
"""Fields of the record before version 14 of the schema, with its noun."""


class IdempotencyModel(Record):
    """The idempotency key of a request, with the record that it made."""

    project_id: str
    username: str
    key: str
    request_sha256: str
    """SHA-256 of the request. The key is valid for this request only."""
    noun: str = ""
    """Noun of the record, such as `execution` or `issue`; empty if the request made none."""
    record_id: str = ""
    """Id of the record in its project."""

    @model_validator(mode="before")
    @classmethod
    def _convert(cls, stored: Any) -> Any:
        if not isinstance(stored, dict) or stored.keys().isdisjoint(_FORMER):
            return stored
        made = (
            (noun, str(stored[name])) for name, noun in _FORMER.items() if stored.get(name) not in (None, "")
        )
        noun, record_id = next(made, ("", ""))
        kept = {name: value for name, value in stored.items() if name not in _FORMER}
        return {**kept, "noun": noun, "record_id": record_id}
