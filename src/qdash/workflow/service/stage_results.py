"""Results of stages that a flow records in the note of its execution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

from qdash_core.process.clock import utc_now

NOTE = "stage_results"
"""Entry of the note of an execution, as in the original."""


def list_stage_results(note: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recorded stages by name, each with `result` and `timestamp`."""
    return dict(note.get(NOTE) or {})


def make_stage_note(note: Mapping[str, Any], name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recorded stages with another one, as text, finite numbers, lists and mappings."""
    return {
        **list_stage_results(note),
        name: {"result": _make_plain(result), "timestamp": utc_now().isoformat()},
    }


def _make_plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _make_plain({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, Mapping):
        return {str(name): _make_plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_make_plain(one) for one in value]
    if hasattr(value, "tolist"):  # an array or number of numpy
        return _make_plain(value.tolist())
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
