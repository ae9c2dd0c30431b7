"""Reading of a page that was drawn without a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def find_data(drawn: AppTest, name: str) -> dict[str, Any]:
    """Return the data of the only component that has a field."""
    known = [json.loads(one.proto.json) for one in drawn.get("bidi_component")]
    (data,) = (one for one in known if name in one)
    found: dict[str, Any] = data
    return found


def find_widget(widgets: Any, label: str) -> Any:
    """Return the only widget with a label."""
    (found,) = (one for one in widgets if one.label == label)
    return found


def list_labels(drawn: AppTest) -> list[str]:
    """Return the labels of the buttons."""
    assert not drawn.exception
    return [one.label for one in drawn.button]


def read_html(drawn: AppTest) -> str:
    """Return the HTML of the page."""
    return "".join(one.proto.body for one in drawn.get("html"))
