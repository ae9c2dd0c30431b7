"""Results of stages that a flow records in the note of its execution."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.models.base import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTE = "stage_results"
"""Entry of the note of an execution, as in the original."""


def list_stage_results(note: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recorded stages by name, each with `result` and `timestamp`."""
    return dict(note.get(NOTE) or {})


def make_stage_note(note: Mapping[str, Any], name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recorded stages with another one."""
    plain = json.loads(json.dumps(result, default=_make_plain))
    return {**list_stage_results(note), name: {"result": plain, "timestamp": utc_now().isoformat()}}


def _make_plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
