"""Recorded examples of view models and request bodies, as the OpenAPI document shows them.

`samples/record_samples.py` of qdash-core records them from a laboratory with a twin.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("samples.json")


@cache
def read_samples() -> Mapping[str, Any]:
    """Return the example of each model as JSON, by the name of its class."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found
