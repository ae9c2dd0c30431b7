"""Component that passes files dropped on or pasted into a text field to a file uploader, and inserts text at the cursor of the field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Sequence

_file_drop = make_component(__file__, html="<span hidden></span>")


def join_drop_to_uploader(
    place: str, *, text_key: str, uploader_key: str, inserts: Sequence[str], number: int
) -> None:
    """Let a text field take files, and insert lines into it, which its form keeps as if they were typed.

    Parameters
    ----------
    place : str
        Unique key on the page.
    text_key, uploader_key : str
        Keys of the text field, and of the container of the uploader.
    inserts : sequence of str
        Texts to insert at the cursor, each on a line of its own.
    number : int
        Number of the insertion: each number is inserted once.
    """
    data = {
        "place": place,
        "text": _make_class(text_key),
        "uploader": _make_class(uploader_key),
        "inserts": list(inserts),
        "number": number,
    }
    _file_drop(key=f"{place}.drop", data=data)


def _make_class(key: str) -> str:
    """Return the CSS class that Streamlit gives an element with a key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
