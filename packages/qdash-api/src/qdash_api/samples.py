"""Recorded examples of view models and request bodies, as the OpenAPI document shows them.

The file `samples.json` of a package has those of its features; `packages/qdash-builtin/samples/record_samples.py` records them from a
laboratory with a twin.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def read_samples(package: str) -> Mapping[str, Any]:
    """Return the example of each model as JSON, by the name of its class; nothing if the package has no such file."""
    file = files(package) / "samples.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return found
