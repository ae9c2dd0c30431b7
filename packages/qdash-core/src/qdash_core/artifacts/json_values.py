"""Conversion of any value to JSON, with text in place of other types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qdash_core.models.base import as_json

_DEEPEST = 50
_LONGEST_TEXT = 10_000


def to_json_value(value: object, where: str, changes: list[str], *, depth: int = 0) -> Any:
    """Return `value` as plain JSON, with text in place of each part that is not JSON, such as NaN and infinities.

    Numpy scalars and arrays count as JSON. `changes` receives a line for each part that becomes text; `where` is the
    name of the value there.
    """
    try:
        return as_json(value)
    except (TypeError, ValueError, RecursionError):
        pass
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return {
            _convert_key(key, where, changes): to_json_value(
                part, f"{where}.{to_text(key)}", changes, depth=depth + 1
            )
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)) and depth < _DEEPEST:
        return [
            to_json_value(part, f"{where}[{index}]", changes, depth=depth + 1)
            for index, part in enumerate(value)
        ]
    changes.append(f"{where}: {type(value).__name__}, kept as text")
    return to_text(value)


def to_text(value: object) -> str:
    """Return `str(value)` as valid Unicode, whatever the class does in `__str__`."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001  third-party __str__
        text = f"<{type(value).__name__}>"
    return text[:_LONGEST_TEXT].encode("utf-8", "replace").decode()


def _convert_key(key: object, where: str, changes: list[str]) -> str:
    text = to_text(key)
    if text != key:
        changes.append(f"{where}.{text}: the key, {type(key).__name__}, kept as text")
    return text
