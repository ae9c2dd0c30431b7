"""Lines of short facts with links, at the top of a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def draw_lines(lines: Iterable[Sequence[str]]) -> None:
    """Draw lines of facts in HTML; lines without facts are omitted."""
    drawn = [" &nbsp;·&nbsp; ".join(line) for line in lines if line]
    if drawn:
        st.html("".join(f"<div>{line}</div>" for line in drawn))


def format_link(address: str, text: str, *, title: str = "") -> str:
    """Return a link as HTML."""
    said = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{said}>{escape(text)}</a>'
