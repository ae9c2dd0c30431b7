"""Ids of results and executions that callers abbreviate."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from qdash_builtin.record_lookup.given_ids import match_execution_id, match_result_id

if TYPE_CHECKING:
    from qdash_core.operations.call import Call


@overload
def resolve_result_id(call: Call, text: str) -> str: ...


@overload
def resolve_result_id(call: Call, text: str | None) -> str | None: ...


def resolve_result_id(call: Call, text: str | None) -> str | None:
    """Return the id of the result that an id or the beginning of one identifies; an absent or empty text unchanged."""
    return match_result_id(call.qdash.store, call.access, text) if text else text


@overload
def resolve_execution_id(call: Call, text: str) -> str: ...


@overload
def resolve_execution_id(call: Call, text: str | None) -> str | None: ...


def resolve_execution_id(call: Call, text: str | None) -> str | None:
    """Return the id of the execution that an id, the beginning of one or `last` identifies; an absent or empty text unchanged."""
    return match_execution_id(call.qdash.store, call.access, text) if text else text
