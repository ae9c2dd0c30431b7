"""Text of a drawing: titles without Plotly's tags, escaped for XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

_TAG = re.compile(r"<[^<>]{0,200}>")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 90


def read_title(title: Any) -> str:
    """Return the plain text of a Plotly title: its first line, without tags."""
    text = title.get("text") if isinstance(title, Mapping) else title
    return read_text(text)


def read_text(text: Any) -> str:
    """Return the first line of a Plotly text without tags; empty if it is no text."""
    if not isinstance(text, str):
        return ""
    first = re.split(r"<br ?/?>|\n", text[: 4 * _LONGEST], maxsplit=1)[0]
    return unescape(_TAG.sub("", first)).strip()[:_LONGEST]


def make_text(text: str, x: float, y: float, *, style: str = "", turned: bool = False) -> str:
    """Return an SVG text at a place; `style` is its class, and a turned text is read from below."""
    position = f'x="{x:.0f}" y="{y:.0f}"'
    if turned:
        position = f'transform="translate({x:.0f} {y:.0f}) rotate(-90)"'
    shown = escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))
    return f"<text{f' class={chr(34)}{style}{chr(34)}' if style else ''} {position}>{shown}</text>"
