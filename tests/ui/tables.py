"""Rows of the tables of a rendered page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def read_rows(page: AppTest, label: str) -> list[dict[str, Any]]:
    """Return the rows of the table with a label."""
    assert not page.exception
    found = (json.loads(one.proto.json) for one in page.get("bidi_component") if one.proto.json)
    (rows,) = (one["rows"] for one in found if one.get("label") == label)
    return list(rows)
