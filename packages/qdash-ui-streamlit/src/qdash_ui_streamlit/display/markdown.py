"""Escaping of text for Markdown."""

from __future__ import annotations

import re

_MEANT = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def escape_markdown(text: str) -> str:
    """Return text with all Markdown characters escaped, including those of links, formulas and icons."""
    return _MEANT.sub(r"\\\1", text)
