"""Text of people and programs as it stands, where Streamlit would read Markdown in it."""

from __future__ import annotations

import re

_MEANT = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no emphasis, link, formula or icon is read in it."""
    return _MEANT.sub(r"\\\1", text)
